export type ViewerKind = "image" | "audio" | "video" | "text" | "none";

const TEXTS = /^(text\/(?!html)|application\/(json|x-ndjson|yaml|x-yaml|toml|xml)$)/;

/** Which viewer shows a content; by what the server found in it, never by the file's name. */
export function viewerKind(mediaType: string): ViewerKind {
  const type = mediaType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type.startsWith("image/")) return "image";
  if (type.startsWith("audio/")) return "audio";
  if (type.startsWith("video/")) return "video";
  return TEXTS.test(type) ? "text" : "none";
}
