import { Monitor, Moon, Sun } from "lucide-react";
import { chooseTheme, type ThemeChoice, useThemeChoice } from "@/state/theme";

const CHOICES: { choice: ThemeChoice; label: string; Icon: typeof Sun }[] = [
  { choice: "light", label: "Light theme", Icon: Sun },
  { choice: "dark", label: "Dark theme", Icon: Moon },
  { choice: "system", label: "The system's theme", Icon: Monitor },
];

export function ThemeSwitch() {
  const chosen = useThemeChoice();
  return (
    <fieldset aria-label="Theme" className="flex rounded-md border border-line bg-bg p-0.5">
      {CHOICES.map(({ choice, label, Icon }) => (
        <button
          key={choice}
          type="button"
          aria-label={label}
          title={label}
          aria-pressed={choice === chosen}
          className="grid size-6 place-items-center rounded text-mute hover:text-ink aria-pressed:bg-tint aria-pressed:text-accent"
          onClick={() => chooseTheme(choice)}
        >
          <Icon size={14} aria-hidden="true" />
        </button>
      ))}
    </fieldset>
  );
}
