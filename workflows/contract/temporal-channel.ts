/**
 * How every pure client of ours speaks gRPC with Temporal; the worker's native connection does the same by itself.
 *
 * Given as `channelArgs` by watcher, worker's tools and demo. The SDK names the limit of answers without its prefix, so
 * that gRPC does not know it and keeps its own of 4 MiB.
 */
export const temporalChannel = {
  /** A proxy of the environment is for Kagent; gRPC would take it for its own. */
  'grpc.enable_http_proxy': 0,
  'grpc.max_receive_message_length': 128 * 1024 * 1024,
};
