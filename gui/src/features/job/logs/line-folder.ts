/**
 * Makes lines of a text that arrives in pieces. A carriage return starts the line anew, so
 * that a progress bar which drew itself a thousand times is one line: its last.
 */
export class LineFolder {
  /** The lines so far. The last may still grow. */
  readonly lines: string[] = [];
  /** Whether the last line has no end yet. */
  isOpen = false;
  private isReturned = false;

  push(text: string): void {
    for (const part of text.split(/(\r|\n)/)) {
      if (part === "\n") this.endLine();
      else if (part === "\r") this.isReturned = true;
      else if (part !== "") this.write(part);
    }
  }

  private endLine(): void {
    if (!this.isOpen) this.lines.push("");
    this.isOpen = false;
    this.isReturned = false;
  }

  private write(part: string): void {
    const last = this.lines.length - 1;
    if (!this.isOpen) this.lines.push(part);
    else if (this.isReturned) this.lines[last] = part;
    else this.lines[last] += part;
    this.isOpen = true;
    this.isReturned = false;
  }
}
