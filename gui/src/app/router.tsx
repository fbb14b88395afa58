import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  stripSearchParams,
} from "@tanstack/react-router";
import {
  jobDefaults,
  jobSearch,
  jobsDefaults,
  jobsSearch,
  projectsDefaults,
  projectsSearch,
} from "@/state/url";
import { ErrorBox } from "@/ui/error-box";
import { NotFound } from "@/ui/not-found";
import { AppShell } from "./app-shell";

const rootRoute = createRootRoute({
  component: AppShell,
  notFoundComponent: () => <NotFound title="There is no page at this address" />,
});

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/projects", replace: true });
  },
});

const projectsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects",
  validateSearch: projectsSearch,
  search: { middlewares: [stripSearchParams(projectsDefaults)] },
  component: lazyRouteComponent(() => import("@/features/projects/projects-page"), "ProjectsPage"),
});

// The project's own page comes later; until then its jobs are it.
const projectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects/$project",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/projects/$project/jobs", params, replace: true });
  },
});

// The address that the original Atlas had.
const oldJobsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects/$project/job_listing",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/projects/$project/jobs", params, replace: true });
  },
});

const jobsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects/$project/jobs",
  validateSearch: jobsSearch,
  search: { middlewares: [stripSearchParams(jobsDefaults)] },
  component: lazyRouteComponent(() => import("@/features/jobs/jobs-page"), "JobsPage"),
});

const jobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects/$project/jobs/$number",
  validateSearch: jobSearch,
  search: { middlewares: [stripSearchParams(jobDefaults)] },
  component: lazyRouteComponent(() => import("@/features/job/job-page"), "JobPage"),
});

const shortJobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/j/$id",
  component: lazyRouteComponent(() => import("@/features/job/short-link"), "ShortLink"),
});

const queueRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/queue",
  component: lazyRouteComponent(() => import("@/features/queue/queue-page"), "QueuePage"),
});

export const routeTree = rootRoute.addChildren([
  homeRoute,
  projectsRoute,
  projectRoute,
  oldJobsRoute,
  jobsRoute,
  jobRoute,
  shortJobRoute,
  queueRoute,
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultErrorComponent: ({ error, reset }) => (
    <ErrorBox what="This page failed." error={error} onRetry={reset} />
  ),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
