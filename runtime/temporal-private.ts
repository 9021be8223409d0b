/**
 * What we use of Temporal's SDK beyond its public API: functions of its private files, which any release may change.
 *
 * The only file that imports such a path. `tests/unit/temporal-private.test.ts` names the version that this was checked with.
 */
export { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
export { encodeUnifiedSearchAttributes } from '@temporalio/common/lib/converter/payload-search-attributes.js';
export {
  decodeArrayFromPayloads,
  encodeMapToPayloads,
  encodeToPayloads,
  encodeUserMetadata,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
export { type History, historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
