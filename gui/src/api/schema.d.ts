// Generated from the server's OpenAPI document by `make openapi`; do not edit.

export interface paths {
    "/api/v1/arrays/{array_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get array */
        get: operations["get_get_array"];
        /** Submit array */
        put: operations["put_submit_array"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/arrays/{array_id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop array */
        post: operations["post_stop_array"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/attempts/{attempt_id}/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Finish */
        post: operations["post_finish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/attempts/{attempt_id}/started": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start */
        post: operations["post_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blobs/missing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Find missing */
        post: operations["post_find_missing"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blobs/{sha256}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get blob */
        get: operations["get_get_blob"];
        /** Put blob */
        put: operations["put_put_blob"];
        post?: never;
        delete?: never;
        options?: never;
        /** Get blob */
        head: operations["head_get_blob"];
        patch?: never;
        trace?: never;
    };
    "/api/v1/bundles/{sha256}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get bundle */
        get: operations["get_get_bundle"];
        /** Put bundle */
        put: operations["put_put_bundle"];
        post?: never;
        delete?: never;
        options?: never;
        /** Get bundle */
        head: operations["head_get_bundle"];
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events */
        get: operations["get_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/filter/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check filter */
        post: operations["post_check_filter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List jobs */
        get: operations["get_list_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delete many */
        post: operations["post_delete_many"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/dry-run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try out */
        post: operations["post_try_out"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Query jobs */
        post: operations["post_query_jobs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop many */
        post: operations["post_stop_many"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get job */
        get: operations["get_get_job"];
        /** Submit job */
        put: operations["put_submit_job"];
        post?: never;
        /** Delete job */
        delete: operations["delete_delete_job"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/archive.tgz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get archive */
        get: operations["get_get_archive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/archive/{area}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get manifest */
        get: operations["get_get_manifest"];
        /** Put manifest */
        put: operations["put_put_manifest"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/artifacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List artifacts */
        get: operations["get_list_artifacts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/artifacts/{key}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get artifact */
        get: operations["get_get_artifact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /** Get artifact */
        head: operations["head_get_artifact"];
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accept events */
        post: operations["post_accept_events"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hold job */
        post: operations["post_hold_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read log */
        get: operations["get_read_log"];
        /** Append log */
        put: operations["put_append_log"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List metrics */
        get: operations["get_list_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/priority": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set priority */
        post: operations["post_set_priority"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Release job */
        post: operations["post_release_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Rerun */
        post: operations["post_rerun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read series */
        get: operations["get_read_series"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/spec": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get spec */
        get: operations["get_get_spec"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop job */
        post: operations["post_stop_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/tags/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set tag */
        put: operations["put_set_tag"];
        post?: never;
        /** Remove tag */
        delete: operations["delete_remove_tag"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List limits */
        get: operations["get_list_limits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/limits/{scope}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Put limit */
        put: operations["put_put_limit"];
        post?: never;
        /** Remove limit */
        delete: operations["delete_remove_limit"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Openapi */
        get: operations["get_openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List projects */
        get: operations["get_list_projects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get project */
        get: operations["get_get_project"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get queue */
        get: operations["get_get_queue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/clear": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Clear queue */
        post: operations["post_clear_queue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move in queue */
        post: operations["post_move_in_queue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List schedules */
        get: operations["get_list_schedules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get schedule */
        get: operations["get_get_schedule"];
        /** Create schedule */
        put: operations["put_create_schedule"];
        post?: never;
        /** Delete schedule */
        delete: operations["delete_delete_schedule"];
        options?: never;
        head?: never;
        /** Update schedule */
        patch: operations["patch_update_schedule"];
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause schedule */
        post: operations["post_pause_schedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume schedule */
        post: operations["post_resume_schedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run schedule */
        post: operations["post_run_schedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List runs */
        get: operations["get_list_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Query series */
        post: operations["post_query_series"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/server": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Server */
        get: operations["get_server"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List workers */
        get: operations["get_list_workers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers/{worker_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Hello */
        put: operations["put_hello"];
        post?: never;
        /** Remove */
        delete: operations["delete_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers/{worker_id}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Drain */
        post: operations["post_drain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers/{worker_id}/goodbye": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Goodbye */
        post: operations["post_goodbye"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers/{worker_id}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Heartbeat */
        post: operations["post_heartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers/{worker_id}/leases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lease */
        post: operations["post_lease"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers/{worker_id}/lost": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Declare lost */
        post: operations["post_declare_lost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers/{worker_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume */
        post: operations["post_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Health */
        get: operations["get_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * ArraySpec
         * @description One job for each of `params`, which come on top of those of `spec`.
         *
         *     The jobs of the array `sweep` are `sweep-0001` and so on; they share one bundle.
         */
        ArraySpec: {
            /** Params */
            params: {
                [key: string]: unknown;
            }[];
            spec: components["schemas"]["JobSpec-Input"];
        };
        /**
         * ArrayView
         * @description The jobs of an array, a page of them in order, and how many have which status.
         */
        ArrayView: {
            /** Id */
            id: string;
            /** Items */
            items: components["schemas"]["JobView"][];
            /** Project */
            project: string;
            /** Status Counts */
            status_counts: {
                [key: string]: number;
            };
            /** Total */
            total: number;
        };
        /** ArtifactList */
        ArtifactList: {
            /** Items */
            items: components["schemas"]["ArtifactView"][];
        };
        /**
         * ArtifactView
         * @description `media_type` is sniffed from the content; `url` is relative to the server.
         */
        ArtifactView: {
            /** Key */
            key: string;
            /** Media Type */
            media_type: string;
            /** Path */
            path: string;
            /** Saved At */
            saved_at: string;
            /** Sha256 */
            sha256: string;
            /** Size */
            size: number;
            /** Url */
            url: string;
        };
        /**
         * AttemptFinished
         * @description `status` is a final JobStatus; `reason` e.g. `exit code 3`.
         *
         *     `has_begun` is False only when it is certain that the job's code never ran. `started_at`
         *     is told of an attempt that was over before its start was worth a report of its own.
         */
        AttemptFinished: {
            /** At */
            at: number;
            /** @default code */
            cause: components["schemas"]["Cause"];
            /**
             * Exit Code
             * @default null
             */
            exit_code: number | null;
            /**
             * Has Begun
             * @default true
             */
            has_begun: boolean;
            /**
             * Reason
             * @default null
             */
            reason: string | null;
            /** Sick Gpus */
            sick_gpus?: {
                [key: string]: string;
            };
            /**
             * Started At
             * @default null
             */
            started_at: number | null;
            /** Status */
            status: string;
            /** Token */
            token: string;
        };
        /** AttemptStarted */
        AttemptStarted: {
            /** At */
            at: number;
            /** Token */
            token: string;
        };
        /**
         * BatchAccepted
         * @description `next` is the number of the event that the server wants next from this producer.
         */
        BatchAccepted: {
            /** Next */
            next: number;
        };
        /** BlobAnswer */
        BlobAnswer: {
            /** Missing */
            missing: string[];
        };
        /**
         * BlobQuery
         * @description Which of these contents (SHA-256) does the server lack?
         */
        BlobQuery: {
            /** Sha256 */
            sha256: string[];
        };
        /** BlobStored */
        BlobStored: {
            /** Sha256 */
            sha256: string;
            /** Size */
            size: number;
        };
        /**
         * CatchUp
         * @description What becomes of the ticks that were missed: nothing, or one run for the latest.
         * @enum {string}
         */
        CatchUp: "none" | "latest";
        /**
         * Cause
         * @description Who is to blame for the end of an attempt; it decides whether another one may follow.
         *
         *     The job's own code; a machine, an engine or the worker; a limit of the job; something that
         *     the job asks for and that cannot be had (an image, a requirement), so that trying again
         *     would end the same way; or a wish to stop.
         * @enum {string}
         */
        Cause: "code" | "infrastructure" | "limit" | "request" | "stop";
        /** Cleared */
        Cleared: {
            /** Count */
            count: number;
        };
        /**
         * Dependency
         * @description A job, by its id, that has to end before another one starts.
         */
        "Dependency-Input": {
            /** Job */
            job: string;
            /** @default success */
            until: components["schemas"]["Until"];
        };
        /**
         * Dependency
         * @description A job, by its id, that has to end before another one starts.
         */
        "Dependency-Output": {
            /** Job */
            job: string;
            /** @default success */
            until: components["schemas"]["Until"];
        };
        /**
         * Device
         * @description A GPU of a worker. `id` is the driver's UUID, or `fake-0` for a declared one.
         */
        Device: {
            /** Id */
            id: string;
            /**
             * Memory Bytes
             * @default null
             */
            memory_bytes: number | null;
            /**
             * Name
             * @default
             */
            name: string;
        };
        /**
         * DryRun
         * @description What would become of a job that is submitted now.
         *
         *     `worker` is the name of the one on which it would start at once. Without one it would
         *     wait at `position` of the queue for what `reason` says.
         */
        DryRun: {
            /** Can Start */
            can_start: boolean;
            /** Position */
            position: number | null;
            /** Reason */
            reason: string | null;
            /** Worker */
            worker: string | null;
        };
        /** EventBatch */
        EventBatch: {
            /** Events */
            events: {
                [key: string]: unknown;
            }[];
            /** First */
            first: number;
            /** Producer */
            producer: string;
        };
        /**
         * FileEntry
         * @description One archived file. `path` is relative, with forward slashes; `mode` its permission bits.
         */
        "FileEntry-Input": {
            /**
             * Mode
             * @default 420
             */
            mode: number;
            /** Path */
            path: string;
            /** Sha256 */
            sha256: string;
            /** Size */
            size: number;
        };
        /**
         * FileEntry
         * @description One archived file. `path` is relative, with forward slashes; `mode` its permission bits.
         */
        "FileEntry-Output": {
            /**
             * Mode
             * @default 420
             */
            mode: number;
            /** Path */
            path: string;
            /** Sha256 */
            sha256: string;
            /** Size */
            size: number;
        };
        /**
         * FilterCheck
         * @description `fault` is null for a filter that is right.
         */
        FilterCheck: {
            /** Clauses */
            clauses: components["schemas"]["FilterClause"][];
            /** Completions */
            completions: components["schemas"]["FilterCompletion"][];
            /** @default null */
            fault: components["schemas"]["FilterFault"] | null;
        };
        /**
         * FilterClause
         * @description One clause of a filter and where it stands.
         */
        FilterClause: {
            /** End */
            end: number;
            /** Start */
            start: number;
            /** Text */
            text: string;
        };
        /**
         * FilterCompletion
         * @description Replace the text from `start` to `end` with `insert`.
         */
        FilterCompletion: {
            /** End */
            end: number;
            /** Insert */
            insert: string;
            /** Kind */
            kind: string;
            /** Start */
            start: number;
        };
        /**
         * FilterFault
         * @description What is wrong, where, and the word that may be meant.
         */
        FilterFault: {
            /** Length */
            length: number;
            /** Message */
            message: string;
            /** Position */
            position: number;
            /**
             * Suggestion
             * @default null
             */
            suggestion: string | null;
        };
        /**
         * FilterText
         * @description A filter as far as it is typed; `caret` is where, its end when absent.
         */
        FilterText: {
            /**
             * Caret
             * @default null
             */
            caret: number | null;
            /**
             * Project
             * @default null
             */
            project: string | null;
            /** Text */
            text: string;
        };
        /**
         * GpuView
         * @description A GPU and who holds it. `status` is `free`, `busy` or `quarantined` (see `problem`).
         */
        GpuView: {
            /** Id */
            id: string;
            /** Job */
            job: string | null;
            /** Memory Bytes */
            memory_bytes: number | null;
            /** Name */
            name: string;
            /** Problem */
            problem: string | null;
            /** Status */
            status: string;
        };
        /**
         * Heartbeat
         * @description The tokens of all attempts that the worker holds, by attempt id.
         *
         *     `trouble` is a condition that keeps the worker from starting or watching jobs, such as an
         *     engine that does not answer. `sick_gpus` are devices whose probe failed, with the reason;
         *     `well_gpus` those that failed before and are well again.
         */
        Heartbeat: {
            /** Sick Gpus */
            sick_gpus?: {
                [key: string]: string;
            };
            /** Tokens */
            tokens?: {
                [key: string]: string;
            };
            /**
             * Trouble
             * @default null
             */
            trouble: string | null;
            /** Well Gpus */
            well_gpus?: string[];
        };
        /**
         * HeartbeatAnswer
         * @description Attempts that are no longer the worker's: stop them, report nothing.
         */
        HeartbeatAnswer: {
            /** Fenced */
            fenced: string[];
        };
        /**
         * JobColumn
         * @description One value for each job, in the order of the jobs; null where a job has none.
         *
         *     `key` is the field as the language writes it; `kind` is attribute, param, metric or tag;
         *     `aggregate` (last, min, …) is empty but for metrics. Times are seconds since 1970. Numbers
         *     may be the texts NaN, Infinity and -Infinity.
         */
        JobColumn: {
            /**
             * Aggregate
             * @default
             */
            aggregate: string;
            /** Key */
            key: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /** Values */
            values: unknown[];
        };
        /**
         * JobColumns
         * @description `total` counts the jobs without paging.
         */
        JobColumns: {
            /** Columns */
            columns: components["schemas"]["JobColumn"][];
            /** Total */
            total: number;
        };
        /**
         * JobError
         * @description The exception that ended a job. `traceback` is the text Python printed.
         */
        JobError: {
            /** Message */
            message: string;
            /**
             * Traceback
             * @default
             */
            traceback: string;
            /** Type */
            type: string;
        };
        /**
         * JobPage
         * @description Jobs in order, the total without paging, and the column names over all of them.
         */
        JobPage: {
            /** Items */
            items: components["schemas"]["JobView"][];
            /** Metric Names */
            metric_names: string[];
            /** Param Names */
            param_names: string[];
            /** Total */
            total: number;
        };
        /**
         * JobQuery
         * @description Jobs as columns. `sort` as in the listing, newest first when it is empty.
         *
         *     `columns` are fields of the language (`name`, `params.lr`, `metrics.loss.min`, `tags.k`);
         *     `params`, `metrics` and `tags` alone stand for all of their kind, `metrics` without those
         *     under `system/`. Without `columns` all attributes, params, metrics and tags come.
         */
        JobQuery: {
            /**
             * Columns
             * @default null
             */
            columns: string[] | null;
            /**
             * Filter
             * @default
             */
            filter: string;
            /**
             * Limit
             * @default null
             */
            limit: number | null;
            /**
             * Offset
             * @default 0
             */
            offset: number;
            /**
             * Project
             * @default null
             */
            project: string | null;
            /**
             * Sort
             * @default
             */
            sort: string;
        };
        /**
         * JobSelection
         * @description Jobs by their ids; or those of a project, of a filter (see docs/queries.md), or of both.
         */
        JobSelection: {
            /**
             * Filter
             * @default
             */
            filter: string;
            /**
             * Ids
             * @default null
             */
            ids: string[] | null;
            /**
             * Project
             * @default null
             */
            project: string | null;
        };
        /**
         * JobSource
         * @description How the job came to be: `python main.py`, or `foundations submit`.
         * @enum {string}
         */
        JobSource: "local" | "submitted";
        /**
         * JobSpec
         * @description What a client asks for when it submits a job.
         *
         *     `command` is what follows the interpreter (`["main.py", "--fast"]`); with `entrypoint`
         *     it follows that program instead. `bundle` is the SHA-256 of the uploaded code.
         *     `ram_gb` is in GB (10^9 bytes); `cpus` may be a fraction; what is None is not accounted.
         *     `time_limit` is in seconds of running, for each attempt; `grace` in seconds from TERM to
         *     KILL, the worker's own when None. `max_retries` counts new attempts after the job's own
         *     failures, `max_infra_retries` those after failures of machines and engines. A `held` job
         *     waits until it is released. `image`, `pull`, `volumes` and `working_dir` are for container
         *     executors; the process executor says in the job's log that it does not use them.
         */
        "JobSpec-Input": {
            /** After */
            after?: components["schemas"]["Dependency-Input"][];
            /**
             * Bundle
             * @default null
             */
            bundle: string | null;
            /** Command */
            command?: string[];
            /**
             * Cpus
             * @default null
             */
            cpus: number | null;
            /**
             * Entrypoint
             * @default null
             */
            entrypoint: string | null;
            /** Environment */
            environment?: {
                [key: string]: string;
            };
            /**
             * Grace
             * @default null
             */
            grace: number | null;
            /**
             * Held
             * @default false
             */
            held: boolean;
            /**
             * Image
             * @default null
             */
            image: string | null;
            /**
             * Max Infra Retries
             * @default 0
             */
            max_infra_retries: number;
            /**
             * Max Retries
             * @default 0
             */
            max_retries: number;
            /**
             * Num Gpus
             * @default 0
             */
            num_gpus: number;
            /** Params */
            params?: {
                [key: string]: unknown;
            };
            /**
             * Priority
             * @default 0
             */
            priority: number;
            /** Project */
            project: string;
            /** @default missing */
            pull: components["schemas"]["Pull"];
            /**
             * Ram Gb
             * @default null
             */
            ram_gb: number | null;
            /**
             * Time Limit
             * @default null
             */
            time_limit: number | null;
            /**
             * User
             * @default
             */
            user: string;
            /** Volumes */
            volumes?: {
                [key: string]: unknown;
            };
            /**
             * Working Dir
             * @default null
             */
            working_dir: string | null;
        };
        /**
         * JobSpec
         * @description What a client asks for when it submits a job.
         *
         *     `command` is what follows the interpreter (`["main.py", "--fast"]`); with `entrypoint`
         *     it follows that program instead. `bundle` is the SHA-256 of the uploaded code.
         *     `ram_gb` is in GB (10^9 bytes); `cpus` may be a fraction; what is None is not accounted.
         *     `time_limit` is in seconds of running, for each attempt; `grace` in seconds from TERM to
         *     KILL, the worker's own when None. `max_retries` counts new attempts after the job's own
         *     failures, `max_infra_retries` those after failures of machines and engines. A `held` job
         *     waits until it is released. `image`, `pull`, `volumes` and `working_dir` are for container
         *     executors; the process executor says in the job's log that it does not use them.
         */
        "JobSpec-Output": {
            /** After */
            after: components["schemas"]["Dependency-Output"][];
            /**
             * Bundle
             * @default null
             */
            bundle: string | null;
            /** Command */
            command: string[];
            /**
             * Cpus
             * @default null
             */
            cpus: number | null;
            /**
             * Entrypoint
             * @default null
             */
            entrypoint: string | null;
            /** Environment */
            environment: {
                [key: string]: string;
            };
            /**
             * Grace
             * @default null
             */
            grace: number | null;
            /**
             * Held
             * @default false
             */
            held: boolean;
            /**
             * Image
             * @default null
             */
            image: string | null;
            /**
             * Max Infra Retries
             * @default 0
             */
            max_infra_retries: number;
            /**
             * Max Retries
             * @default 0
             */
            max_retries: number;
            /**
             * Num Gpus
             * @default 0
             */
            num_gpus: number;
            /** Params */
            params: {
                [key: string]: unknown;
            };
            /**
             * Priority
             * @default 0
             */
            priority: number;
            /** Project */
            project: string;
            /** @default missing */
            pull: components["schemas"]["Pull"];
            /**
             * Ram Gb
             * @default null
             */
            ram_gb: number | null;
            /**
             * Time Limit
             * @default null
             */
            time_limit: number | null;
            /**
             * User
             * @default
             */
            user: string;
            /** Volumes */
            volumes: {
                [key: string]: unknown;
            };
            /**
             * Working Dir
             * @default null
             */
            working_dir: string | null;
        };
        /**
         * JobStatus
         * @enum {string}
         */
        JobStatus: "queued" | "running" | "completed" | "failed" | "stopped";
        /**
         * JobView
         * @description A job as the server tells it. Times are UTC ISO texts.
         *
         *     `attempt` is the number of the newest attempt, 0 before the first; `gpus` are the devices
         *     that it holds now. `array` and `array_index` say which job of which array this is, and
         *     `schedule` is the id of the schedule that submitted it.
         */
        JobView: {
            /** After */
            after: components["schemas"]["Dependency-Output"][];
            /**
             * Array
             * @default null
             */
            array: string | null;
            /**
             * Array Index
             * @default null
             */
            array_index: number | null;
            /** Artifact Count */
            artifact_count: number;
            /**
             * Attempt
             * @default 0
             */
            attempt: number;
            /** Command */
            command: string[];
            /**
             * Cpus
             * @default null
             */
            cpus: number | null;
            /** Created At */
            created_at: string;
            /** Duration Seconds */
            duration_seconds: number | null;
            /** Ended At */
            ended_at: string | null;
            error: components["schemas"]["JobError"] | null;
            /** Exit Code */
            exit_code: number | null;
            /** Gpus */
            gpus: string[];
            /** Id */
            id: string;
            /**
             * Is Held
             * @default false
             */
            is_held: boolean;
            /** Log Bytes */
            log_bytes: number;
            /** Metrics */
            metrics: components["schemas"]["MetricSummary"][];
            /** Name */
            name: string;
            /** Num Gpus */
            num_gpus: number;
            /** Number */
            number: number;
            /** Params */
            params: {
                [key: string]: unknown;
            };
            /** Priority */
            priority: number;
            /** Project */
            project: string;
            /** Queue Position */
            queue_position: number | null;
            /**
             * Ram Gb
             * @default null
             */
            ram_gb: number | null;
            /** Reason */
            reason: string | null;
            /**
             * Schedule
             * @default null
             */
            schedule: string | null;
            source: components["schemas"]["JobSource"];
            /** Started At */
            started_at: string | null;
            status: components["schemas"]["JobStatus"];
            /** Tags */
            tags: {
                [key: string]: string;
            };
            /**
             * Time Limit
             * @default null
             */
            time_limit: number | null;
            /** User */
            user: string;
            /** Worker */
            worker: string | null;
        };
        /**
         * JobsChanged
         * @description What was done to many jobs: to which, and for which it was refused, with the reason.
         */
        JobsChanged: {
            /** Count */
            count: number;
            /** Ids */
            ids: string[];
            /** Refused */
            refused: {
                [key: string]: string;
            };
        };
        /**
         * Lease
         * @description The right to carry out one attempt, proved by its token.
         *
         *     `gpus` are the ids of the devices that it may use. `log_start` is how much of the job's
         *     log belongs to earlier attempts.
         */
        Lease: {
            /** Attempt */
            attempt: number;
            /** Attempt Id */
            attempt_id: string;
            /** Gpus */
            gpus: string[];
            /**
             * Is Started
             * @default false
             */
            is_started: boolean;
            /**
             * Is Stop Wanted
             * @default false
             */
            is_stop_wanted: boolean;
            /** Job Id */
            job_id: string;
            /**
             * Log Start
             * @default 0
             */
            log_start: number;
            spec: components["schemas"]["JobSpec-Output"];
            /** Token */
            token: string;
        };
        /**
         * LeaseAnswer
         * @description New leases, and attempts to stop. Both empty when the wait ran out.
         */
        LeaseAnswer: {
            /** Leases */
            leases: components["schemas"]["Lease"][];
            /** Stops */
            stops: string[];
        };
        /**
         * LeaseRequest
         * @description `stopping` lists attempts whose stop the worker already carries out.
         */
        LeaseRequest: {
            /** Free Slots */
            free_slots: number;
            /** Stopping */
            stopping?: string[];
        };
        /** LimitList */
        LimitList: {
            /** Items */
            items: components["schemas"]["LimitView"][];
        };
        /**
         * LimitSettings
         * @description The most jobs on workers, and the most GPUs, at once. None is no limit.
         */
        LimitSettings: {
            /**
             * Gpus
             * @default null
             */
            gpus: number | null;
            /**
             * Running
             * @default null
             */
            running: number | null;
        };
        /**
         * LimitView
         * @description The limit of a `project` or a `user`; the name `*` is for all without their own.
         */
        LimitView: {
            /** Gpus */
            gpus: number | null;
            /** Name */
            name: string;
            /** Running */
            running: number | null;
            /** Scope */
            scope: string;
        };
        /**
         * LogStored
         * @description `size` is the length of the log in bytes: the offset that the server wants next.
         */
        LogStored: {
            /** Size */
            size: number;
        };
        /**
         * Manifest
         * @description The files of one area of one job, sorted by path.
         */
        "Manifest-Input": {
            /** Area */
            area: string;
            /** Files */
            files?: components["schemas"]["FileEntry-Input"][];
        };
        /**
         * Manifest
         * @description The files of one area of one job, sorted by path.
         */
        "Manifest-Output": {
            /** Area */
            area: string;
            /** Files */
            files: components["schemas"]["FileEntry-Output"][];
        };
        /**
         * MetricSummary
         * @description One metric of one job in numbers. For text metrics `min` and `max` are null.
         *
         *     `last`, `min`, `max` are numbers, or one of the texts NaN, Infinity, -Infinity;
         *     `kind` is `number` or `text`.
         */
        MetricSummary: {
            /** Count */
            count: number;
            /** Kind */
            kind: string;
            /** Last */
            last: unknown;
            /** Last Step */
            last_step: number | null;
            /** Max */
            max: unknown;
            /** Min */
            min: unknown;
            /** Name */
            name: string;
        };
        /**
         * PriorityChange
         * @description The new priority of a waiting job, -1000 to 1000; larger goes first.
         */
        PriorityChange: {
            /** Priority */
            priority: number;
        };
        /** Problem */
        Problem: {
            detail: string;
            request_id: string;
            status: number;
            title: string;
            type: string;
        } & {
            [key: string]: unknown;
        };
        /** ProjectPage */
        ProjectPage: {
            /** Items */
            items: components["schemas"]["ProjectView"][];
            /** Total */
            total: number;
        };
        /** ProjectView */
        ProjectView: {
            /** Created At */
            created_at: string;
            /** Job Count */
            job_count: number;
            /** Name */
            name: string;
            /** Status Counts */
            status_counts: {
                [key: string]: number;
            };
            /** Tags */
            tags: string[];
            /** Updated At */
            updated_at: string;
        };
        /**
         * Pull
         * @description When a worker fetches an image: before each job, when it lacks it, or never.
         * @enum {string}
         */
        Pull: "always" | "missing" | "never";
        /**
         * Queue
         * @description A page of what workers hold, and of what waits, in order; the totals without paging.
         *
         *     In this order jobs are offered to the workers: one that does not fit lets others pass.
         */
        Queue: {
            /** Running */
            running: components["schemas"]["JobView"][];
            /**
             * Running Total
             * @default 0
             */
            running_total: number;
            /** Waiting */
            waiting: components["schemas"]["JobView"][];
            /**
             * Waiting Total
             * @default 0
             */
            waiting_total: number;
        };
        /**
         * QueueClear
         * @description Which waiting jobs to stop: those of one project, or all.
         */
        QueueClear: {
            /**
             * Project
             * @default null
             */
            project: string | null;
        };
        /**
         * QueueMove
         * @description Put a waiting job at `position` (1 is the head) among jobs of its priority.
         */
        QueueMove: {
            /** Job Id */
            job_id: string;
            /** Position */
            position: number;
        };
        /**
         * Rerun
         * @description What is to be different in a job that repeats another one.
         *
         *     What is left out stays as it was; null takes it away. `params` and `environment` come on
         *     top of those of the other job. What it waited for and that it was held do not stay.
         *     `id` is that of the new job.
         */
        Rerun: {
            /**
             * After
             * @default null
             */
            after: components["schemas"]["Dependency-Input"][] | null;
            /**
             * Command
             * @default null
             */
            command: string[] | null;
            /**
             * Cpus
             * @default null
             */
            cpus: number | null;
            /**
             * Entrypoint
             * @default null
             */
            entrypoint: string | null;
            /** Environment */
            environment?: {
                [key: string]: string;
            };
            /**
             * Grace
             * @default null
             */
            grace: number | null;
            /**
             * Held
             * @default null
             */
            held: boolean | null;
            /**
             * Id
             * @default null
             */
            id: string | null;
            /**
             * Image
             * @default null
             */
            image: string | null;
            /**
             * Max Infra Retries
             * @default null
             */
            max_infra_retries: number | null;
            /**
             * Max Retries
             * @default null
             */
            max_retries: number | null;
            /**
             * Num Gpus
             * @default null
             */
            num_gpus: number | null;
            /** Params */
            params?: {
                [key: string]: unknown;
            };
            /**
             * Priority
             * @default null
             */
            priority: number | null;
            /**
             * Project
             * @default null
             */
            project: string | null;
            /** @default null */
            pull: components["schemas"]["Pull"] | null;
            /**
             * Ram Gb
             * @default null
             */
            ram_gb: number | null;
            /**
             * Time Limit
             * @default null
             */
            time_limit: number | null;
            /**
             * User
             * @default null
             */
            user: string | null;
            /**
             * Volumes
             * @default null
             */
            volumes: {
                [key: string]: unknown;
            } | null;
            /**
             * Working Dir
             * @default null
             */
            working_dir: string | null;
        };
        /**
         * RunPage
         * @description The jobs of a schedule, newest first.
         */
        RunPage: {
            /** Items */
            items: components["schemas"]["JobView"][];
            /** Total */
            total: number;
        };
        /** SchedulePage */
        SchedulePage: {
            /** Items */
            items: components["schemas"]["ScheduleView"][];
            /** Total */
            total: number;
        };
        /**
         * ScheduleSpec
         * @description What a client asks for: the job of each run, and when. Without times it is paused.
         */
        ScheduleSpec: {
            job: components["schemas"]["JobSpec-Input"];
            /**
             * Paused
             * @default false
             */
            paused: boolean;
            trigger?: components["schemas"]["Trigger-Input"];
        };
        /**
         * ScheduleStatus
         * @description Whether a schedule submits jobs; an `ended` one has no tick left.
         * @enum {string}
         */
        ScheduleStatus: "active" | "paused" | "ended";
        /**
         * ScheduleUpdate
         * @description What is to change; None stays as it is. A new trigger replaces all of the old one.
         */
        ScheduleUpdate: {
            /** @default null */
            job: components["schemas"]["JobSpec-Input"] | null;
            /** @default null */
            trigger: components["schemas"]["Trigger-Input"] | null;
        };
        /**
         * ScheduleView
         * @description A schedule as the server tells it. Times are UTC ISO texts.
         *
         *     `next_runs` are always three, null where there is none. `runs` counts the jobs that it
         *     submitted, `skipped` the ticks without one: missed, or while the run before had not
         *     ended. `unfinished` are the ids of its jobs that have not ended.
         */
        ScheduleView: {
            /** Created At */
            created_at: string;
            /** Id */
            id: string;
            job: components["schemas"]["JobSpec-Output"];
            /** Last Run */
            last_run: string | null;
            /** Next Runs */
            next_runs: (string | null)[];
            /** Project */
            project: string;
            /** Runs */
            runs: number;
            /** Skipped */
            skipped: number;
            status: components["schemas"]["ScheduleStatus"];
            trigger: components["schemas"]["Trigger-Output"];
            /** Unfinished */
            unfinished: string[];
        };
        /**
         * ScheduledRun
         * @description The id of a job that was submitted out of turn.
         */
        ScheduledRun: {
            /** Job */
            job: string;
        };
        /**
         * Series
         * @description Points `start` … `start + n - 1` in the order in which they were logged.
         *
         *     Shapes: steps (n,), times (n,) in seconds since 1970, values (n,). Values are numbers
         *     (NaN and the infinities as texts, see codec) or, when `kind` is `text`, texts.
         *     `total` counts all points of the series, so `start + n < total` means that more follow.
         */
        Series: {
            /** Job Id */
            job_id: string;
            /** Kind */
            kind: string;
            /** Metric */
            metric: string;
            /** Start */
            start: number;
            /** Steps */
            steps: number[];
            /** Times */
            times: number[];
            /** Total */
            total: number;
            /** Values */
            values: unknown[];
        };
        /** SeriesAnswer */
        SeriesAnswer: {
            /** Series */
            series: components["schemas"]["SeriesPart"][];
        };
        /**
         * SeriesPart
         * @description What a query found of one series.
         *
         *     `total` counts the points stored, `dropped` those that were thinned out before they came.
         *     `next` is what `after` says to go on from here, and `is_end` whether nothing follows yet.
         *
         *     Points: columns steps, times, values, and `width` None. Buckets: `width` is a power of
         *     two, `x` where each begins (a multiple of it), `last` (logged last), `mean`, `min`, `max`
         *     of its `n` finite numbers (null without any), and how many were NaN (`nan`), Infinity
         *     (`above`) and -Infinity (`below`).
         */
        SeriesPart: {
            /** Columns */
            columns: {
                [key: string]: unknown;
            };
            /** Dropped */
            dropped: number;
            /** Is End */
            is_end: boolean;
            /** Job */
            job: string;
            /** Kind */
            kind: string;
            /** Metric */
            metric: string;
            /** Next */
            next: number;
            /** Total */
            total: number;
            /**
             * Width
             * @default null
             */
            width: number | null;
        };
        /**
         * SeriesQuery
         * @description Which series, and how much of them. A job without such a metric is left out.
         *
         *     `x` is `step` or `time` (seconds since 1970). `range` keeps points whose x lies between
         *     two numbers, both included. `after` says for series, as `<job>/<metric>`, how many of
         *     their points are known already (`next` of the answer before). With `max_points` (2 or
         *     more) each series comes in at most so many buckets.
         */
        SeriesQuery: {
            /** After */
            after?: {
                [key: string]: number;
            };
            /** Jobs */
            jobs: string[];
            /**
             * Max Points
             * @default null
             */
            max_points: number | null;
            /** Metrics */
            metrics: string[];
            /**
             * Range
             * @default null
             */
            range: unknown[] | null;
            /**
             * X
             * @default step
             */
            x: string;
        };
        /**
         * ServerInfo
         * @description `version` is for people, `protocol` decides whether programs fit.
         */
        ServerInfo: {
            /** Protocol */
            protocol: number;
            /** Time */
            time: string;
            /** Version */
            version: string;
        };
        /**
         * TagValue
         * @description The body of a tag.
         */
        TagValue: {
            /**
             * Value
             * @default
             */
            value: string;
        };
        /**
         * Trigger
         * @description When a schedule runs; with neither `cron` nor `every` it has no times yet.
         *
         *     `cron` is a crontab line of five fields (`0 3 * * *`), or an object of the fields year,
         *     month, day, week, day_of_week, hour, minute, second: those below the smallest that is
         *     given are at their minimum, the others are `*`. `every` is in seconds, counted from
         *     `start`, else from the making of the schedule. `timezone` is an IANA name, the server's
         *     own when None. `start` and `end` are ISO moments, both included; one without an offset
         *     is in that zone. Without `overlap` a tick is skipped while a run has not ended.
         */
        "Trigger-Input": {
            /** @default none */
            catch_up: components["schemas"]["CatchUp"];
            /**
             * Cron
             * @default null
             */
            cron: {
                [key: string]: unknown;
            } | string | null;
            /**
             * End
             * @default null
             */
            end: string | null;
            /**
             * Every
             * @default null
             */
            every: number | null;
            /**
             * Overlap
             * @default false
             */
            overlap: boolean;
            /**
             * Start
             * @default null
             */
            start: string | null;
            /**
             * Timezone
             * @default null
             */
            timezone: string | null;
        };
        /**
         * Trigger
         * @description When a schedule runs; with neither `cron` nor `every` it has no times yet.
         *
         *     `cron` is a crontab line of five fields (`0 3 * * *`), or an object of the fields year,
         *     month, day, week, day_of_week, hour, minute, second: those below the smallest that is
         *     given are at their minimum, the others are `*`. `every` is in seconds, counted from
         *     `start`, else from the making of the schedule. `timezone` is an IANA name, the server's
         *     own when None. `start` and `end` are ISO moments, both included; one without an offset
         *     is in that zone. Without `overlap` a tick is skipped while a run has not ended.
         */
        "Trigger-Output": {
            /** @default none */
            catch_up: components["schemas"]["CatchUp"];
            /**
             * Cron
             * @default null
             */
            cron: {
                [key: string]: unknown;
            } | string | null;
            /**
             * End
             * @default null
             */
            end: string | null;
            /**
             * Every
             * @default null
             */
            every: number | null;
            /**
             * Overlap
             * @default false
             */
            overlap: boolean;
            /**
             * Start
             * @default null
             */
            start: string | null;
            /**
             * Timezone
             * @default null
             */
            timezone: string | null;
        };
        /**
         * Until
         * @description Which end of a job another one waits for: that it completed, or any end.
         * @enum {string}
         */
        Until: "success" | "end";
        /**
         * WorkerHello
         * @description What a worker says when it starts. Its id is kept over restarts.
         *
         *     `cpus` and `ram_gb` (GB, 10^9 bytes) are what jobs may use together; None: not counted.
         */
        WorkerHello: {
            /**
             * Cpus
             * @default null
             */
            cpus: number | null;
            /** Executor */
            executor: string;
            /** Gpus */
            gpus: components["schemas"]["Device"][];
            /** Host */
            host: string;
            /** Name */
            name: string;
            /**
             * Ram Gb
             * @default null
             */
            ram_gb: number | null;
            /** Slots */
            slots: number;
            /** Version */
            version: string;
        };
        /** WorkerList */
        WorkerList: {
            /** Items */
            items: components["schemas"]["WorkerView"][];
        };
        /**
         * WorkerView
         * @description `status` is `connected`, `silent` or `gone`; `running` are the ids of its jobs.
         */
        WorkerView: {
            /**
             * Cpus
             * @default null
             */
            cpus: number | null;
            /** Executor */
            executor: string;
            /** Gpus */
            gpus: components["schemas"]["GpuView"][];
            /** Host */
            host: string;
            /** Id */
            id: string;
            /**
             * Is Draining
             * @default false
             */
            is_draining: boolean;
            /** Name */
            name: string;
            /**
             * Ram Gb
             * @default null
             */
            ram_gb: number | null;
            /** Running */
            running: string[];
            /** Seen At */
            seen_at: string;
            /** Slots */
            slots: number;
            /** Status */
            status: string;
            /**
             * Trouble
             * @default null
             */
            trouble: string | null;
            /** Version */
            version: string;
        };
        /**
         * WorkerWelcome
         * @description The attempts that the server believes this worker holds.
         */
        WorkerWelcome: {
            /** Leases */
            leases: components["schemas"]["Lease"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_get_array: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                array_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArrayView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_submit_array: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                array_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ArraySpec"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArrayView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_stop_array: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                array_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobsChanged"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_finish: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                attempt_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AttemptFinished"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_start: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                attempt_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AttemptStarted"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_find_missing: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BlobQuery"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlobAnswer"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_get_blob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_put_blob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlobStored"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    head_get_blob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_get_bundle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_put_bundle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlobStored"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    head_get_bundle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_check_filter: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FilterText"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FilterCheck"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_list_jobs: {
        parameters: {
            query?: {
                project?: string;
                number?: number;
                status?: "queued" | "running" | "completed" | "failed" | "stopped";
                filter?: string;
                sort?: string;
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobPage"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_delete_many: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobSelection"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobsChanged"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_try_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobSpec-Input"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DryRun"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_query_jobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobQuery"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobColumns"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_stop_many: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobSelection"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobsChanged"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_get_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_submit_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobSpec-Input"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_delete_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_get_archive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/gzip": string;
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_get_manifest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
                area: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Manifest-Output"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_put_manifest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
                area: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Manifest-Input"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_list_artifacts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArtifactList"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_get_artifact: {
        parameters: {
            query?: {
                download?: boolean;
            };
            header?: never;
            path: {
                job_id: string;
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    head_get_artifact: {
        parameters: {
            query?: {
                download?: boolean;
            };
            header?: never;
            path: {
                job_id: string;
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_accept_events: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventBatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchAccepted"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_hold_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_read_log: {
        parameters: {
            query?: {
                offset?: number;
                tail?: number;
                lines?: number;
                since?: string;
                wait?: number;
                download?: boolean;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_append_log: {
        parameters: {
            query: {
                offset: number;
                skipped?: number;
                attempt?: string;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogStored"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_list_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MetricSummary"][];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_set_priority: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PriorityChange"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_release_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_rerun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rerun"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_read_series: {
        parameters: {
            query: {
                metric: string;
                start?: number;
                limit?: number;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Series"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_get_spec: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobSpec-Output"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_stop_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_set_tag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TagValue"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_remove_tag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_list_limits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitList"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_put_limit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scope: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LimitSettings"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_remove_limit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scope: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_list_projects: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectPage"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_get_project: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_get_queue: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_clear_queue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QueueClear"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cleared"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_move_in_queue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QueueMove"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_list_schedules: {
        parameters: {
            query?: {
                project?: string;
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulePage"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_get_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_create_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleSpec"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_delete_schedule: {
        parameters: {
            query?: {
                stop?: boolean;
            };
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch_update_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_pause_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_resume_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_run_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduledRun"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_list_runs: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunPage"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_query_series: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SeriesQuery"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeriesAnswer"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_server: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerInfo"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_list_workers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkerList"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_hello: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkerHello"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkerWelcome"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_drain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkerView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_goodbye: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_heartbeat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Heartbeat"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeartbeatAnswer"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_lease: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LeaseRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LeaseAnswer"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_declare_lost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkerView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkerView"];
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: string;
                    };
                };
            };
            /** @description A problem in one sentence */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
