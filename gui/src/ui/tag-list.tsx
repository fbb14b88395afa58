interface TagListProps {
  tags: Record<string, string>;
  limit?: number;
  /** Keeps them in one line, for a row of a table. */
  isOneLine?: boolean;
}

/** Tags with their values; those over the limit are counted and told on hovering. */
export function TagList(props: TagListProps) {
  const { tags, limit = Number.POSITIVE_INFINITY, isOneLine = false } = props;
  const texts = Object.entries(tags).map(([key, value]) => (value ? `${key}=${value}` : key));
  const rest = texts.slice(limit);
  return (
    <span
      className={`inline-flex max-w-full items-center gap-1 align-middle ${isOneLine ? "[&>.tag]:min-w-8" : "flex-wrap"}`}
    >
      {texts.slice(0, limit).map((text) => (
        <span key={text} className="tag" title={text}>
          {text}
        </span>
      ))}
      {rest.length > 0 && (
        <span className="text-mute" title={rest.join("\n")}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}
