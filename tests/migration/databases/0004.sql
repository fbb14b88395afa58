BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE archived_files (
	job_id VARCHAR(128) NOT NULL, 
	area VARCHAR(20) NOT NULL, 
	path TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	size BIGINT NOT NULL, 
	mode INTEGER NOT NULL, 
	CONSTRAINT pk_archived_files PRIMARY KEY (job_id, area, path), 
	CONSTRAINT fk_archived_files_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "archived_files" VALUES('done','code','main.py','d287bb7f9d15abdc5b6e98536263815744b6ef21c8f3c839fc434ca70d8efe99',8,420);
CREATE TABLE areas (
	job_id VARCHAR(128) NOT NULL, 
	area VARCHAR(20) NOT NULL, 
	CONSTRAINT pk_areas PRIMARY KEY (job_id, area), 
	CONSTRAINT fk_areas_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "areas" VALUES('done','code');
CREATE TABLE artifacts (
	job_id VARCHAR(128) NOT NULL, 
	"key" TEXT NOT NULL, 
	path TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	size BIGINT NOT NULL, 
	media_type TEXT NOT NULL, 
	saved_at FLOAT NOT NULL, 
	CONSTRAINT pk_artifacts PRIMARY KEY (job_id, "key"), 
	CONSTRAINT fk_artifacts_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "artifacts" VALUES('done','plot','plot.png','4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6',8,'image/png',1900000000.0);
CREATE TABLE attempts (
	id VARCHAR(36) NOT NULL, 
	job_id VARCHAR(128) NOT NULL, 
	number INTEGER NOT NULL, 
	worker_id VARCHAR(128) NOT NULL, 
	token VARCHAR(64) NOT NULL, 
	num_gpus INTEGER NOT NULL, 
	leased_at FLOAT NOT NULL, 
	started_at FLOAT, 
	ended_at FLOAT, 
	report TEXT, 
	gpus TEXT DEFAULT '[]' NOT NULL, 
	cpus FLOAT, 
	ram_gb FLOAT, 
	log_start BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_attempts PRIMARY KEY (id), 
	CONSTRAINT fk_attempts_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE, 
	CONSTRAINT fk_attempts_worker_id FOREIGN KEY(worker_id) REFERENCES workers (id)
);
INSERT INTO "attempts" VALUES('98f90bf7-82f3-4f70-baac-050afeb3708a','running',1,'w1','CkqRH7f7n9lmrXaDH42TdXoxP_Xbdwsp',0,1900000000.0,1900000000.0,NULL,NULL,'[]',NULL,NULL,0);
CREATE TABLE chunks (
	series_id INTEGER NOT NULL, 
	start BIGINT NOT NULL, 
	points INTEGER NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	low_step BIGINT NOT NULL, 
	high_step BIGINT NOT NULL, 
	low_at FLOAT NOT NULL, 
	high_at FLOAT NOT NULL, 
	packed_steps BLOB NOT NULL, 
	packed_times BLOB NOT NULL, 
	packed_values BLOB NOT NULL, 
	CONSTRAINT pk_chunks PRIMARY KEY (series_id, start), 
	CONSTRAINT fk_chunks_series_id FOREIGN KEY(series_id) REFERENCES series (id) ON DELETE CASCADE
);
INSERT INTO "chunks" VALUES(1,0,3,'floats',0,2,1900000000.0,1900000000.0,X'0100000000000000000100000000000000',X'01000000C0EC4FDC410000000000000000',X'00000000000000F03F000000000000F87F000000000000D03F');
CREATE TABLE dependencies (
	job_id VARCHAR(128) NOT NULL, 
	after_id VARCHAR(128) NOT NULL, 
	until VARCHAR(20) NOT NULL, 
	is_met BOOLEAN NOT NULL, 
	CONSTRAINT pk_dependencies PRIMARY KEY (job_id, after_id), 
	CONSTRAINT fk_dependencies_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE, 
	CONSTRAINT fk_dependencies_after_id FOREIGN KEY(after_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "dependencies" VALUES('running','done','end',1);
CREATE TABLE gpus (
	worker_id VARCHAR(128) NOT NULL, 
	id VARCHAR(128) NOT NULL, 
	position INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	memory_bytes BIGINT, 
	is_present BOOLEAN NOT NULL, 
	attempt_id VARCHAR(36), 
	problem TEXT, 
	CONSTRAINT pk_gpus PRIMARY KEY (worker_id, id), 
	CONSTRAINT fk_gpus_worker_id FOREIGN KEY(worker_id) REFERENCES workers (id) ON DELETE CASCADE, 
	CONSTRAINT fk_gpus_attempt_id FOREIGN KEY(attempt_id) REFERENCES attempts (id) ON DELETE SET NULL
)
 WITHOUT ROWID

;
INSERT INTO "gpus" VALUES('w1','GPU-1',0,'H',NULL,1,NULL,NULL);
CREATE TABLE jobs (
	"key" INTEGER NOT NULL, 
	id VARCHAR(128) NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	reason TEXT, 
	source VARCHAR(20) NOT NULL, 
	user TEXT NOT NULL, 
	command TEXT NOT NULL, 
	spec TEXT, 
	bundle VARCHAR(64), 
	priority INTEGER NOT NULL, 
	queue_order BIGINT NOT NULL, 
	num_gpus INTEGER NOT NULL, 
	created_at FLOAT NOT NULL, 
	started_at FLOAT, 
	ended_at FLOAT, 
	exit_code INTEGER, 
	error TEXT, 
	is_stop_wanted BOOLEAN NOT NULL, 
	attempt_id VARCHAR(36), 
	worker TEXT, 
	is_held BOOLEAN DEFAULT 0 NOT NULL, 
	cpus FLOAT, 
	ram_gb FLOAT, 
	time_limit FLOAT, 
	blockers INTEGER DEFAULT '0' NOT NULL, 
	not_before FLOAT, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	losses INTEGER DEFAULT '0' NOT NULL, 
	array_id VARCHAR(128), 
	array_index INTEGER, 
	schedule_id VARCHAR(128), 
	CONSTRAINT pk_jobs PRIMARY KEY ("key"), 
	CONSTRAINT uq_jobs_id UNIQUE (id), 
	CONSTRAINT uq_jobs_project_id_number UNIQUE (project_id, number), 
	CONSTRAINT fk_jobs_project_id FOREIGN KEY(project_id) REFERENCES projects (id)
);
INSERT INTO "jobs" VALUES(1,'done',1,1,'mellow-crane-1','completed',NULL,'local','ada','["main.py"]',NULL,NULL,0,1048576,0,1900000000.0,1900000000.0,1900000000.0,0,NULL,0,NULL,NULL,0,NULL,NULL,NULL,0,NULL,0,0,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES(2,'running',1,2,'amber-raven-2','running',NULL,'submitted','','["main.py"]','{"project":"birds","command":["main.py"],"entrypoint":null,"bundle":null,"user":"","params":{},"environment":{},"num_gpus":0,"ram_gb":null,"priority":0,"image":null,"working_dir":null,"volumes":{},"cpus":null,"time_limit":null,"grace":null,"max_retries":0,"max_infra_retries":0,"after":[],"held":false,"pull":"missing"}',NULL,0,2097152,0,1900000000.0,1900000000.0,NULL,NULL,NULL,0,'98f90bf7-82f3-4f70-baac-050afeb3708a','worker-w1',0,NULL,NULL,NULL,0,NULL,0,0,NULL,NULL,NULL);
CREATE TABLE limits (
	scope VARCHAR(20) NOT NULL, 
	name TEXT NOT NULL, 
	running INTEGER, 
	gpus INTEGER, 
	CONSTRAINT pk_limits PRIMARY KEY (scope, name)
)
 WITHOUT ROWID

;
INSERT INTO "limits" VALUES('project','birds',4,2);
CREATE TABLE params (
	job_key INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	project_id INTEGER NOT NULL, 
	value TEXT NOT NULL, 
	number FLOAT, 
	text TEXT, 
	CONSTRAINT pk_params PRIMARY KEY (job_key, name), 
	CONSTRAINT fk_params_job_key FOREIGN KEY(job_key) REFERENCES jobs ("key") ON DELETE CASCADE, 
	CONSTRAINT fk_params_project_id FOREIGN KEY(project_id) REFERENCES projects (id)
)
 WITHOUT ROWID

;
INSERT INTO "params" VALUES(1,'lr',1,'0.1',0.1,'0.1');
CREATE TABLE producers (
	job_id VARCHAR(128) NOT NULL, 
	producer TEXT NOT NULL, 
	next BIGINT NOT NULL, 
	CONSTRAINT pk_producers PRIMARY KEY (job_id, producer), 
	CONSTRAINT fk_producers_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "producers" VALUES('done','p1',8);
CREATE TABLE projects (
	id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	last_number INTEGER NOT NULL, 
	CONSTRAINT pk_projects PRIMARY KEY (id), 
	CONSTRAINT uq_projects_name UNIQUE (name)
);
INSERT INTO "projects" VALUES(1,'birds',1900000000.0,1900000000.0,2);
CREATE TABLE schedules (
	id VARCHAR(128) NOT NULL, 
	project TEXT NOT NULL, 
	spec TEXT NOT NULL, 
	bundle VARCHAR(64), 
	"trigger" TEXT NOT NULL, 
	is_paused BOOLEAN NOT NULL, 
	next_at FLOAT, 
	last_at FLOAT, 
	runs INTEGER NOT NULL, 
	skipped INTEGER NOT NULL, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_schedules PRIMARY KEY (id)
);
INSERT INTO "schedules" VALUES('nightly','birds','{"project":"birds","command":["main.py"]}',NULL,'{"cron":{"hour":"3"},"timezone":"UTC"}',1,NULL,NULL,0,0,1900000000.0);
CREATE TABLE series (
	id INTEGER NOT NULL, 
	job_key INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	points BIGINT NOT NULL, 
	dropped BIGINT NOT NULL, 
	first TEXT NOT NULL, 
	last TEXT NOT NULL, 
	min TEXT, 
	max TEXT, 
	first_number FLOAT, 
	last_number FLOAT, 
	min_number FLOAT, 
	max_number FLOAT, 
	last_step BIGINT NOT NULL, 
	min_step BIGINT, 
	max_step BIGINT, 
	first_at FLOAT NOT NULL, 
	last_at FLOAT NOT NULL, 
	CONSTRAINT pk_series PRIMARY KEY (id), 
	CONSTRAINT uq_series_job_key_name UNIQUE (job_key, name), 
	CONSTRAINT fk_series_job_key FOREIGN KEY(job_key) REFERENCES jobs ("key") ON DELETE CASCADE, 
	CONSTRAINT fk_series_project_id FOREIGN KEY(project_id) REFERENCES projects (id)
);
INSERT INTO "series" VALUES(1,1,1,'loss','number',3,0,'1.0','0.25','0.25','1.0',1.0,0.25,0.25,1.0,2,2,0,1900000000.0,1900000000.0);
CREATE TABLE tags (
	job_key INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	project_id INTEGER NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_tags PRIMARY KEY (job_key, "key"), 
	CONSTRAINT fk_tags_job_key FOREIGN KEY(job_key) REFERENCES jobs ("key") ON DELETE CASCADE, 
	CONSTRAINT fk_tags_project_id FOREIGN KEY(project_id) REFERENCES projects (id)
)
 WITHOUT ROWID

;
INSERT INTO "tags" VALUES(1,'best',1,'yes');
CREATE TABLE workers (
	id VARCHAR(128) NOT NULL, 
	name TEXT NOT NULL, 
	host TEXT NOT NULL, 
	executor TEXT NOT NULL, 
	slots INTEGER NOT NULL, 
	gpus INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	is_gone BOOLEAN NOT NULL, 
	seen_at FLOAT NOT NULL, 
	cpus FLOAT, 
	ram_gb FLOAT, 
	is_draining BOOLEAN DEFAULT 0 NOT NULL, 
	trouble TEXT, 
	is_removed BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_workers PRIMARY KEY (id)
);
INSERT INTO "workers" VALUES('w1','worker-w1','host','process',2,0,'0.1.0',0,1900000000.0,NULL,NULL,0,NULL,0);
CREATE INDEX ix_schedules_bundle ON schedules (bundle);
CREATE INDEX ix_schedules_next_at ON schedules (is_paused, next_at);
CREATE INDEX ix_jobs_bundle ON jobs (bundle);
CREATE INDEX ix_jobs_waiting ON jobs (priority DESC, queue_order, is_held, blockers, not_before, num_gpus, cpus, ram_gb, time_limit, project_id, user) WHERE status = 'queued' AND attempt_id IS NULL;
CREATE INDEX ix_jobs_created_at ON jobs (created_at);
CREATE INDEX ix_jobs_project_id ON jobs (project_id, created_at);
CREATE INDEX ix_jobs_schedule ON jobs (schedule_id, created_at) WHERE schedule_id IS NOT NULL;
CREATE INDEX ix_jobs_array ON jobs (array_id, array_index);
CREATE INDEX ix_jobs_queue_order ON jobs (queue_order);
CREATE INDEX ix_jobs_on_workers ON jobs (started_at, created_at) WHERE status IN ('queued', 'running') AND attempt_id IS NOT NULL;
CREATE INDEX ix_jobs_unfinished_runs ON jobs (schedule_id, status) WHERE schedule_id IS NOT NULL;
CREATE INDEX ix_jobs_project_status ON jobs (project_id, status, created_at);
CREATE INDEX ix_jobs_status ON jobs (status, created_at);
CREATE INDEX ix_artifacts_sha256 ON artifacts (sha256);
CREATE INDEX ix_archived_files_sha256 ON archived_files (sha256);
CREATE INDEX ix_dependencies_after ON dependencies (after_id, is_met);
CREATE INDEX ix_params_text ON params (project_id, name, text, job_key);
CREATE INDEX ix_params_number ON params (project_id, name, number, job_key);
CREATE INDEX ix_tags_key ON tags (project_id, "key", job_key);
CREATE INDEX ix_series_last ON series (project_id, name, last_number, job_key);
CREATE INDEX ix_series_max ON series (project_id, name, max_number, job_key);
CREATE INDEX ix_series_min ON series (project_id, name, min_number, job_key);
CREATE UNIQUE INDEX ix_attempts_open ON attempts (job_id) WHERE ended_at IS NULL;
CREATE INDEX ix_attempts_job_id ON attempts (job_id);
CREATE INDEX ix_attempts_worker_id ON attempts (worker_id, ended_at);
CREATE INDEX ix_gpus_attempt ON gpus (attempt_id);
COMMIT;
