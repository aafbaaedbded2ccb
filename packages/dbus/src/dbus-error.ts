/** What a call failed with: `name` is the D-Bus error name, `message` the text for people. */
export class DBusError extends Error {
  override readonly name: string;

  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}
