import { useEffect, useState, useSyncExternalStore } from "react";
import { events } from "@/api/events";
import { LogReader, type LogState } from "./log-reader";

const SLOW_POLL_MS = 5_000;

interface Log {
  state: LogState;
  reload: () => void;
}

/** The log of a job, growing while it is looked at. */
export function useLog(jobId: string): Log {
  const [reader, setReader] = useState(() => new LogReader(jobId));
  useEffect(() => {
    const live = new LogReader(jobId);
    setReader(live);
    const pull = () => {
      if (!live.state.isEnded) void live.pull();
    };
    pull();
    const stops = [
      events.onHintOf((hint) => {
        if (hint.topic === "job" && hint.id === jobId) pull();
      }),
      events.onResync(pull),
    ];
    const timer = setInterval(pull, SLOW_POLL_MS);
    return () => {
      live.close();
      clearInterval(timer);
      for (const stop of stops) stop();
    };
  }, [jobId]);
  const state = useSyncExternalStore(reader.subscribe, reader.getState);
  return { state, reload: () => void reader.pull() };
}
