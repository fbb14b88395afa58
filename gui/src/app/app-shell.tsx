import { Outlet } from "@tanstack/react-router";
import { NewVersionBar } from "./new-version-bar";
import { Rail } from "./rail";
import { TopBar } from "./top-bar";

/** What is around every page. Under 640 px the rail is a bar at the bottom. */
export function AppShell() {
  return (
    <div className="flex h-full flex-col-reverse sm:flex-row">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded focus:bg-bg focus:p-2"
      >
        Skip to content
      </a>
      <Rail />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <TopBar />
        <NewVersionBar />
        <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col overflow-auto">
          <Outlet />
        </main>
      </div>
    </div>
  );
}
