import { useQuery } from "@tanstack/react-query";
import { contentUrl, downloadUrl, TEXT_PREVIEW_BYTES, textQuery } from "@/api/artifacts";
import type { ArtifactView } from "@/api/client";
import { formatBytes } from "@/ui/format";
import { Panel } from "@/ui/panel";
import { viewerKind } from "./viewer-kind";

/** Shows a file in the way that fits its content. */
export function ArtifactViewer({ artifact }: { artifact: ArtifactView }) {
  return (
    <section
      aria-label={`Preview of ${artifact.path}`}
      className="flex min-h-0 min-w-0 flex-col overflow-auto bg-panel"
    >
      <Content artifact={artifact} />
    </section>
  );
}

function Content({ artifact }: { artifact: ArtifactView }) {
  const url = contentUrl(artifact);
  switch (viewerKind(artifact.media_type)) {
    case "image":
      return (
        <div className="grid flex-1 place-items-center p-4">
          <img
            src={url}
            alt={artifact.key}
            className="max-h-full max-w-full rounded border border-line bg-white object-contain"
          />
        </div>
      );
    case "audio":
      return (
        // biome-ignore lint/a11y/useMediaCaption: what a job recorded has no captions
        <audio controls src={url} aria-label={artifact.key} className="m-4 w-[calc(100%-2rem)]" />
      );
    case "video":
      return (
        // biome-ignore lint/a11y/useMediaCaption: what a job recorded has no captions
        <video
          controls
          src={url}
          aria-label={artifact.key}
          className="m-auto max-h-full max-w-full p-4"
        />
      );
    case "text":
      return <TextContent artifact={artifact} />;
    default:
      return <NoPreview artifact={artifact} />;
  }
}

function TextContent({ artifact }: { artifact: ArtifactView }) {
  return (
    <Panel what={artifact.key} query={useQuery(textQuery(artifact))}>
      {(text) => (
        <>
          <pre className="p-4 font-mono text-xs leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]">
            {text}
          </pre>
          {artifact.size > TEXT_PREVIEW_BYTES && (
            <p className="px-4 pb-4 text-mute">
              The first {formatBytes(TEXT_PREVIEW_BYTES)} of {formatBytes(artifact.size)}.
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

function NoPreview({ artifact }: { artifact: ArtifactView }) {
  return (
    <div className="m-auto grid gap-3 p-6 text-center">
      <p className="text-mute">There is no preview for {artifact.media_type}.</p>
      <p>
        <a href={downloadUrl(artifact)} download={true} className="button">
          Download {formatBytes(artifact.size)}
        </a>
      </p>
    </div>
  );
}
