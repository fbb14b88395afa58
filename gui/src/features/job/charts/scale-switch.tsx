import { SCALES } from "@/state/url";

type Scale = (typeof SCALES)[number];

interface ScaleSwitchProps {
  scale: Scale;
  onChange: (scale: Scale) => void;
}

export function ScaleSwitch({ scale, onChange }: ScaleSwitchProps) {
  return (
    <fieldset className="flex items-center gap-2">
      <legend className="sr-only">Scale of the values</legend>
      <span className="text-mute">Scale</span>
      <span className="flex rounded-md border border-field p-0.5">
        {SCALES.map((choice) => (
          <button
            key={choice}
            type="button"
            aria-pressed={choice === scale}
            className="min-h-6 rounded px-2.5 text-mute hover:text-ink aria-pressed:bg-tint aria-pressed:font-semibold aria-pressed:text-accent"
            onClick={() => onChange(choice)}
          >
            {choice}
          </button>
        ))}
      </span>
    </fieldset>
  );
}
