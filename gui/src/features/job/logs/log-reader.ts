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
  private offset = 0;
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
    const piece = await fetchLog(this.jobId, this.offset, this.stop.signal);
    if (this.offset === 0 && piece.size > MAX_BYTES) {
      this.skipTo(piece.size - MAX_BYTES);
      return true;
    }
    this.offset += piece.bytes.length;
    const isAll = this.offset >= piece.size;
    const isEnded = piece.isEnded && isAll;
    this.folder.push(this.decoder.decode(piece.bytes, { stream: !isEnded }));
    this.change({ isEnded, error: null });
    return piece.bytes.length > 0 && !isAll;
  }

  private skipTo(offset: number): void {
    this.offset = offset;
    this.change({ skippedBytes: offset });
  }

  private change(part: Partial<LogState>): void {
    this.state = { ...this.state, ...part, version: this.state.version + 1 };
    for (const notify of this.listeners) notify();
  }
}
