import { fetchLog } from "@/api/log";
import { LineFolder } from "./line-folder";

export interface LogState {
  lines: readonly string[];
  /** Grows with every change: the lines are one growing list. */
  version: number;
  isLoading: boolean;
  isEnded: boolean;
  skippedBytes: number;
  error: Error | null;
}

// A browser holds this much of a log well; the whole of it is a download away.
export const MAX_BYTES = 16 * 1024 * 1024;

/** Reads a log from its bytes, piece by piece, and again whenever it is told to. */
export class LogReader {
  private folder = new LineFolder();
  private decoder = new TextDecoder();
  private offset: number | null = null;
  private isReading = false;
  private isAskedAgain = false;
  private readonly stop = new AbortController();
  private readonly listeners = new Set<() => void>();
  state: LogState = {
    lines: this.folder.lines,
    version: 0,
    isLoading: true,
    isEnded: false,
    skippedBytes: 0,
    error: null,
  };

  constructor(private readonly jobId: string) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getState = (): LogState => this.state;

  close(): void {
    this.stop.abort();
  }

  /** Reads all that is there. Asked while it reads, it looks once more at the end. */
  async pull(): Promise<void> {
    if (this.isReading) {
      this.isAskedAgain = true;
      return;
    }
    this.isReading = true;
    try {
      do {
        this.isAskedAgain = false;
        while (await this.readPiece()) {
          // Each piece is shown as it comes.
        }
      } while (this.isAskedAgain);
      this.change({ isLoading: false, error: null });
    } catch (error) {
      if (!this.stop.signal.aborted) this.change({ isLoading: false, error: error as Error });
    } finally {
      this.isReading = false;
    }
  }

  private async readPiece(): Promise<boolean> {
    const isFirst = this.offset === null;
    const place = this.offset === null ? { tail: MAX_BYTES } : { offset: this.offset };
    const piece = await fetchLog(this.jobId, place, this.stop.signal);
    if (isFirst && piece.start > 0) this.change({ skippedBytes: piece.start });
    if (piece.missing > 0) this.folder.push(this.tellGap(piece.missing));
    this.offset = piece.start + piece.bytes.length;
    const isAll = this.offset >= piece.size;
    const isEnded = piece.isEnded && isAll;
    this.folder.push(this.decoder.decode(piece.bytes, { stream: !isEnded }));
    this.change({ isEnded, error: null });
    return !isAll && (piece.bytes.length > 0 || piece.missing > 0);
  }

  /** A line of its own, wherever the bytes before it broke off. */
  private tellGap(count: number): string {
    const rest = this.decoder.decode();
    return `${rest}${this.folder.isOpen ? "\n" : ""}[atlas] … ${count} bytes of output are not kept …\n`;
  }

  private change(part: Partial<LogState>): void {
    this.state = { ...this.state, ...part, version: this.state.version + 1 };
    for (const notify of this.listeners) notify();
  }
}
