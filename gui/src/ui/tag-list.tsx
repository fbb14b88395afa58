interface TagListProps {
  tags: Record<string, string>;
  limit?: number;
}

/** Tags with their values; those over the limit are counted and told on hovering. */
export function TagList({ tags, limit = Number.POSITIVE_INFINITY }: TagListProps) {
  const texts = Object.entries(tags).map(([key, value]) => (value ? `${key}=${value}` : key));
  const rest = texts.slice(limit);
  return (
    <span className="inline-flex max-w-full flex-wrap items-center gap-1 align-middle">
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
