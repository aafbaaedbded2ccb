/** Counts results, lists failures, one line each, and ends with the line that other tools look for. */
export class Report {
  #passed = 0;
  #failed = 0;

  pass() {
    this.#passed += 1;
  }

  /** @param {string} name @param {string} reason */
  fail(name, reason) {
    this.#failed += 1;
    console.log(`FAIL ${name}: ${reason.replaceAll('\n', '\\n')}`);
  }

  /** Record one check: no reasons mean that it passed. */
  record(name, reasons) {
    if (reasons.length === 0) this.pass();
    else this.fail(name, reasons.join('; '));
  }

  /** Print the last line; the exit code follows from it. */
  finish() {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    process.exitCode = this.#failed === 0 ? 0 : 1;
  }
}
