import { memo } from "react";
import { splitAnsi } from "./ansi";

const MAX_LENGTH = 4096;

interface LogLineProps {
  text: string;
  number: number | null;
  top: number;
}

export const LogLine = memo(function LogLine({ text, number, top }: LogLineProps) {
  const spans = splitAnsi(text.slice(0, MAX_LENGTH));
  return (
    <div className="log-line pr-4" style={{ transform: `translateY(${top}px)` }}>
      {number !== null && (
        <span className="num w-14 shrink-0 text-right text-mute select-none">{number}</span>
      )}
      <span className="pl-1">
        {spans.map((span, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: spans have no other identity
          <span key={index} className={span.className}>
            {span.text}
          </span>
        ))}
        {text.length > MAX_LENGTH && (
          <span className="text-mute">
            {" "}
            … {text.length - MAX_LENGTH} more characters in the download
          </span>
        )}
      </span>
    </div>
  );
});
