/** What every call of the client takes. */
export interface CallOptions {
  /**
   * Stop waiting when this is aborted: the call rejects with its reason. What the daemon was asked to do is not undone.
   * Absent: wait as long as it takes.
   */
  readonly signal?: AbortSignal;
}
