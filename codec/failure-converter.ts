/**
 * Puts the message and the stack trace of a failure into a payload, where the codec encrypts them; the type stays readable.
 *
 * Loaded by path: by the client and the worker, and into the workflow bundle, where failures of workflows are made. So it
 * imports nothing of Node. The name of the export is Temporal's.
 */
import { DefaultFailureConverter } from '@temporalio/common';

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
