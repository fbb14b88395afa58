import { useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useId, useState } from "react";
import { findFault } from "@/api/jobs";

const route = getRouteApi("/projects/$project/jobs");
const EXAMPLE = "metrics.accuracy.max > 0.9 and params.lr < 0.01 and tag:baseline";

interface FilterBoxProps {
  project: string;
  /** The filter of the jobs that are shown. */
  filter: string;
}

/** Takes a filter. One that is wrong is told about, and the jobs that are shown stay. */
export function FilterBox({ project, filter }: FilterBoxProps) {
  const [text, setText] = useState(filter);
  const navigate = route.useNavigate();
  const faultId = useId();
  const check = useMutation({
    mutationFn: (asked: string) => findFault(project, asked),
    onSuccess: (fault, asked) => {
      if (fault === null) void navigate({ search: (now) => ({ ...now, filter: asked.trim() }) });
    },
  });
  const fault = check.data && check.variables === text ? check.data : null;
  const told = fault?.message ?? check.error?.message ?? null;
  return (
    <div className="shrink-0 px-4 pb-2">
      <form
        className="flex gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          check.mutate(text);
        }}
      >
        <input
          type="search"
          aria-label="Filter jobs"
          aria-invalid={fault !== null}
          aria-describedby={told === null ? undefined : faultId}
          placeholder={EXAMPLE}
          spellCheck={false}
          autoComplete="off"
          className="field w-full max-w-3xl font-mono"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button" disabled={check.isPending}>
          Filter
        </button>
      </form>
      {told !== null && (
        <div id={faultId} role="alert" className="mt-1 text-bad">
          {fault !== null && (
            <pre className="overflow-x-auto font-mono">
              {text.slice(0, fault.position)}
              <mark className="bg-transparent text-bad underline decoration-wavy">
                {text.slice(fault.position, fault.position + fault.length) || " "}
              </mark>
              {text.slice(fault.position + fault.length)}
            </pre>
          )}
          <p>{told}</p>
        </div>
      )}
    </div>
  );
}
