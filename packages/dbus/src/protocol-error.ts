/** The other side broke the D-Bus protocol. Its connection can't be trusted any more and ends; nothing else does. */
export class ProtocolError extends Error {
  static {
    Object.defineProperty(ProtocolError.prototype, 'name', { value: 'ProtocolError' });
  }
}
