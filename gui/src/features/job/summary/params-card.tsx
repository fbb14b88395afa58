import { CopyButton } from "@/ui/copy-button";
import { exactValue, formatValue } from "@/ui/format";
import { Card } from "./card";

export function ParamsCard({ params }: { params: Record<string, unknown> }) {
  const entries = Object.entries(params);
  return (
    <Card
      title="Parameters"
      count={entries.length}
      empty="None logged: foundations.log_params({...})"
      action={<CopyButton text={JSON.stringify(params, null, 2)} label="the parameters as JSON" />}
    >
      <dl>
        {entries.map(([name, value]) => (
          <div key={name} className="flex gap-4 border-line py-1.5 not-first:border-t">
            <dt className="min-w-0 truncate font-medium" title={name}>
              {name}
            </dt>
            <dd className="num ml-auto min-w-0 break-words text-right" title={exactValue(value)}>
              {formatValue(value)}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
