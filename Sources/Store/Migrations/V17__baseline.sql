-- The whole schema, by subject: the database itself, people, keys, models, prices, money, replicas, alerts, requests, audit.
--
-- Times are microseconds since 1970 UTC, money nanodollars, ids UUIDv7 texts, truth values 0 or 1, lists and objects JSON texts.
-- version rises with every change of its row, so that whoever edits can say which state they saw.
-- managed_by is 'file' for what gateway.yaml lists and 'control_plane' for all else.
-- A unique index is named <table>_<columns>_key: errors name constraints by that rule on every engine.
-- Words that grow with the product, such as the kinds of providers, are not checked: SQLite cannot change a check later.

-- Tells this database from any other: a journal is only replayed into the one that it was written for.
CREATE TABLE database_identity (
    id {{bigint}} NOT NULL PRIMARY KEY CONSTRAINT database_identity_single CHECK (id = 1),
    database_id {{text}} NOT NULL,
    -- auth.seed_generation of the file that was seeded last, if it has one.
    seed_generation {{bigint}}
) {{strict}};

INSERT INTO database_identity (id, database_id) VALUES (1, {{random_id}});

-- One row, raised in the transaction of every change that a running gateway has to notice; routing_version is the version of
-- the last one that concerned providers, models or prices.
CREATE TABLE change_version (
    id {{bigint}} NOT NULL PRIMARY KEY CONSTRAINT change_version_single CHECK (id = 1),
    version {{bigint}} NOT NULL,
    routing_version {{bigint}} NOT NULL
) {{strict}};

INSERT INTO change_version (id, version, routing_version) VALUES (1, 0, 0);

-- People ---------------------------------------------------------------------------------------------------------------

-- all_models 0 restricts everybody in the team to the models of team_models.
CREATE TABLE teams (
    id {{text}} NOT NULL PRIMARY KEY,
    key {{text}} NOT NULL UNIQUE,
    name {{text}} NOT NULL,
    status {{text}} NOT NULL CONSTRAINT teams_status CHECK (status IN ('active', 'inactive')),
    all_models {{bigint}} NOT NULL CONSTRAINT teams_all_models CHECK (all_models IN (0, 1)),
    requests_per_minute {{bigint}} CONSTRAINT teams_requests_per_minute CHECK (requests_per_minute > 0),
    tokens_per_minute {{bigint}} CONSTRAINT teams_tokens_per_minute CHECK (tokens_per_minute > 0),
    parallel_requests {{bigint}} CONSTRAINT teams_parallel_requests CHECK (parallel_requests > 0),
    managed_by {{text}} NOT NULL CONSTRAINT teams_managed_by CHECK (managed_by IN ('file', 'control_plane')),
    version {{bigint}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    updated_at {{bigint}} NOT NULL
) {{strict}};

CREATE TABLE team_models (
    team_id {{text}} NOT NULL REFERENCES teams (id),
    model_id {{text}} NOT NULL,
    PRIMARY KEY (team_id, model_id)
) {{strict}};

-- The owner of seeded keys that name none.
INSERT INTO teams (id, key, name, status, all_models, managed_by, version, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000001', 'system-legacy', 'System', 'active', 1, 'control_plane', 1, 0, 0);

-- email is normalised. all_models 0 restricts the person to the models of user_models.
CREATE TABLE users (
    id {{text}} NOT NULL PRIMARY KEY,
    email {{text}} NOT NULL UNIQUE CONSTRAINT users_email_normalised CHECK (email = lower(email)),
    name {{text}} NOT NULL,
    status {{text}} NOT NULL CONSTRAINT users_status CHECK (status IN ('invited', 'active', 'disabled')),
    global_role {{text}} NOT NULL CONSTRAINT users_global_role CHECK (global_role IN ('user', 'platform_admin')),
    auth_mode {{text}} NOT NULL CONSTRAINT users_auth_mode CHECK (auth_mode IN ('password', 'oidc')),
    oidc_provider_key {{text}},
    is_bootstrap {{bigint}} NOT NULL CONSTRAINT users_is_bootstrap CHECK (is_bootstrap IN (0, 1)),
    all_models {{bigint}} NOT NULL CONSTRAINT users_all_models CHECK (all_models IN (0, 1)),
    request_logging {{bigint}} NOT NULL CONSTRAINT users_request_logging CHECK (request_logging IN (0, 1)),
    managed_by {{text}} NOT NULL CONSTRAINT users_managed_by CHECK (managed_by IN ('file', 'control_plane')),
    version {{bigint}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    updated_at {{bigint}} NOT NULL,
    CONSTRAINT users_oidc_provider CHECK (auth_mode <> 'oidc' OR oidc_provider_key IS NOT NULL),
    CONSTRAINT users_bootstrap_role CHECK (is_bootstrap = 0 OR global_role = 'platform_admin')
) {{strict}};

-- There is one bootstrap admin at most.
CREATE UNIQUE INDEX users_is_bootstrap_key ON users (is_bootstrap) WHERE is_bootstrap = 1;

CREATE TABLE user_models (
    user_id {{text}} NOT NULL REFERENCES users (id),
    model_id {{text}} NOT NULL,
    PRIMARY KEY (user_id, model_id)
) {{strict}};

-- A person is in one team at most: the key says so.
CREATE TABLE memberships (
    user_id {{text}} NOT NULL PRIMARY KEY REFERENCES users (id),
    team_id {{text}} NOT NULL REFERENCES teams (id),
    role {{text}} NOT NULL CONSTRAINT memberships_role CHECK (role IN ('owner', 'admin', 'member')),
    managed_by {{text}} NOT NULL CONSTRAINT memberships_managed_by CHECK (managed_by IN ('file', 'control_plane')),
    version {{bigint}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    updated_at {{bigint}} NOT NULL
) {{strict}};

CREATE INDEX memberships_team_id_idx ON memberships (team_id, user_id);

-- Keys may belong to one; nothing makes them yet.
CREATE TABLE service_accounts (
    id {{text}} NOT NULL PRIMARY KEY,
    team_id {{text}} NOT NULL REFERENCES teams (id),
    name {{text}} NOT NULL,
    status {{text}} NOT NULL CONSTRAINT service_accounts_status CHECK (status IN ('active', 'disabled')),
    managed_by {{text}} NOT NULL CONSTRAINT service_accounts_managed_by CHECK (managed_by IN ('file', 'control_plane')),
    version {{bigint}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    updated_at {{bigint}} NOT NULL
) {{strict}};

CREATE UNIQUE INDEX service_accounts_team_id_name_key ON service_accounts (team_id, name);

-- hash holds its algorithm and cost.
CREATE TABLE passwords (
    user_id {{text}} NOT NULL PRIMARY KEY REFERENCES users (id),
    hash {{text}} NOT NULL,
    must_change {{bigint}} NOT NULL CONSTRAINT passwords_must_change CHECK (must_change IN (0, 1)),
    changed_at {{bigint}} NOT NULL
) {{strict}};

-- Failed sign-ins by account and by address; the delay they cost survives a restart.
CREATE TABLE sign_in_failures (
    kind {{text}} NOT NULL CONSTRAINT sign_in_failures_kind CHECK (kind IN ('account', 'address')),
    subject {{text}} NOT NULL,
    failures {{bigint}} NOT NULL CONSTRAINT sign_in_failures_failures CHECK (failures > 0),
    last_failed_at {{bigint}} NOT NULL,
    blocked_until {{bigint}} NOT NULL,
    PRIMARY KEY (kind, subject)
) {{strict}};

-- Who somebody is at an OpenID provider, from the first sign-in on.
CREATE TABLE oidc_identities (
    issuer {{text}} NOT NULL,
    subject {{text}} NOT NULL,
    user_id {{text}} NOT NULL UNIQUE REFERENCES users (id),
    email {{text}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    last_signed_in_at {{bigint}},
    PRIMARY KEY (issuer, subject)
) {{strict}};

-- Sign-ins that have gone to the provider and not come back yet. state_hash is of what the browser brings back.
CREATE TABLE oidc_sign_ins (
    state_hash {{text}} NOT NULL PRIMARY KEY,
    provider_key {{text}} NOT NULL,
    nonce {{text}} NOT NULL,
    code_verifier {{text}} NOT NULL,
    return_path {{text}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    expires_at {{bigint}} NOT NULL
) {{strict}};

CREATE INDEX oidc_sign_ins_expires_at_idx ON oidc_sign_ins (expires_at);

CREATE TABLE invitations (
    id {{text}} NOT NULL PRIMARY KEY,
    user_id {{text}} NOT NULL REFERENCES users (id),
    token_hash {{text}} NOT NULL UNIQUE,
    created_at {{bigint}} NOT NULL,
    expires_at {{bigint}} NOT NULL,
    used_at {{bigint}},
    revoked_at {{bigint}},
    CONSTRAINT invitations_end CHECK (used_at IS NULL OR revoked_at IS NULL)
) {{strict}};

-- Somebody has one open invitation at most.
CREATE UNIQUE INDEX invitations_user_id_key ON invitations (user_id) WHERE used_at IS NULL AND revoked_at IS NULL;

-- expires_at is the absolute end; the sliding one follows from last_seen_at.
CREATE TABLE sessions (
    id {{text}} NOT NULL PRIMARY KEY,
    user_id {{text}} NOT NULL REFERENCES users (id),
    token_hash {{text}} NOT NULL UNIQUE,
    address {{text}},
    user_agent {{text}},
    created_at {{bigint}} NOT NULL,
    last_seen_at {{bigint}} NOT NULL,
    expires_at {{bigint}} NOT NULL,
    ended_at {{bigint}}
) {{strict}};

CREATE INDEX sessions_user_id_idx ON sessions (user_id, created_at);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

-- Keys -----------------------------------------------------------------------------------------------------------------

-- A key has one owner. all_models 0 restricts it to the models of api_key_grants.
CREATE TABLE api_keys (
    id {{text}} NOT NULL PRIMARY KEY,
    public_id {{text}} NOT NULL UNIQUE,
    name {{text}} NOT NULL,
    user_id {{text}} REFERENCES users (id),
    team_id {{text}} REFERENCES teams (id),
    service_account_id {{text}} REFERENCES service_accounts (id),
    all_models {{bigint}} NOT NULL CONSTRAINT api_keys_all_models CHECK (all_models IN (0, 1)),
    requests_per_minute {{bigint}} CONSTRAINT api_keys_requests_per_minute CHECK (requests_per_minute > 0),
    tokens_per_minute {{bigint}} CONSTRAINT api_keys_tokens_per_minute CHECK (tokens_per_minute > 0),
    parallel_requests {{bigint}} CONSTRAINT api_keys_parallel_requests CHECK (parallel_requests > 0),
    managed_by {{text}} NOT NULL CONSTRAINT api_keys_managed_by CHECK (managed_by IN ('file', 'control_plane')),
    version {{bigint}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    expires_at {{bigint}},
    revoked_at {{bigint}},
    last_used_at {{bigint}},
    CONSTRAINT api_keys_one_owner CHECK (
        (user_id IS NOT NULL AND team_id IS NULL AND service_account_id IS NULL)
        OR (user_id IS NULL AND team_id IS NOT NULL AND service_account_id IS NULL)
        OR (user_id IS NULL AND team_id IS NULL AND service_account_id IS NOT NULL))
) {{strict}};

-- gateway.yaml names its keys, and a name has one value at a time; a value that is being replaced has an end. Keys made elsewhere
-- may share a name.
CREATE UNIQUE INDEX api_keys_name_key ON api_keys (name) WHERE managed_by = 'file' AND revoked_at IS NULL AND expires_at IS NULL;
CREATE INDEX api_keys_user_id_idx ON api_keys (user_id);
CREATE INDEX api_keys_team_id_idx ON api_keys (team_id);
CREATE INDEX api_keys_created_at_idx ON api_keys (created_at, id);

-- Several rows while a secret is being rotated. The hash names its algorithm.
CREATE TABLE api_key_secrets (
    id {{text}} NOT NULL PRIMARY KEY,
    key_id {{text}} NOT NULL REFERENCES api_keys (id),
    hash {{text}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    expires_at {{bigint}}
) {{strict}};

CREATE INDEX api_key_secrets_key_id_idx ON api_key_secrets (key_id);

CREATE TABLE api_key_grants (
    key_id {{text}} NOT NULL REFERENCES api_keys (id),
    model_id {{text}} NOT NULL,
    PRIMARY KEY (key_id, model_id)
) {{strict}};

-- Models ---------------------------------------------------------------------------------------------------------------

-- settings is the provider's entry of gateway.yaml; a secret stands there as its reference, never as its value.
CREATE TABLE providers (
    id {{text}} NOT NULL PRIMARY KEY,
    settings {{text}} NOT NULL,
    managed_by {{text}} NOT NULL CONSTRAINT providers_managed_by CHECK (managed_by IN ('file', 'control_plane')),
    version {{bigint}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    updated_at {{bigint}} NOT NULL,
    retired_at {{bigint}}
) {{strict}};

-- A model with alias_of has no routes. Its target may be written later in the same transaction.
CREATE TABLE models (
    id {{text}} NOT NULL PRIMARY KEY,
    description {{text}},
    rank {{bigint}} NOT NULL,
    alias_of {{text}} REFERENCES models (id) DEFERRABLE INITIALLY DEFERRED
        CONSTRAINT models_alias_of_itself CHECK (alias_of <> id),
    managed_by {{text}} NOT NULL CONSTRAINT models_managed_by CHECK (managed_by IN ('file', 'control_plane')),
    version {{bigint}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    updated_at {{bigint}} NOT NULL,
    retired_at {{bigint}}
) {{strict}};

CREATE TABLE model_tags (
    model_id {{text}} NOT NULL REFERENCES models (id),
    tag {{text}} NOT NULL,
    PRIMARY KEY (model_id, tag)
) {{strict}};

-- id is <model>/<position>, from 1: what headers and logs name. options is the rest of the route's entry of gateway.yaml.
CREATE TABLE routes (
    id {{text}} NOT NULL PRIMARY KEY,
    model_id {{text}} NOT NULL REFERENCES models (id),
    position {{bigint}} NOT NULL CONSTRAINT routes_position CHECK (position > 0),
    provider_id {{text}} NOT NULL REFERENCES providers (id),
    upstream_model {{text}} NOT NULL,
    priority {{bigint}} NOT NULL,
    weight {{double}} NOT NULL CONSTRAINT routes_weight CHECK (weight >= 0),
    is_enabled {{bigint}} NOT NULL CONSTRAINT routes_is_enabled CHECK (is_enabled IN (0, 1)),
    options {{text}} NOT NULL,
    version {{bigint}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    updated_at {{bigint}} NOT NULL
) {{strict}};

CREATE UNIQUE INDEX routes_model_id_position_key ON routes (model_id, position);
CREATE INDEX routes_provider_id_idx ON routes (provider_id);

-- Prices ---------------------------------------------------------------------------------------------------------------

-- What the public price list said when it was last fetched, as it came.
CREATE TABLE price_catalog (
    id {{bigint}} NOT NULL PRIMARY KEY CONSTRAINT price_catalog_single CHECK (id = 1),
    source {{text}} NOT NULL,
    etag {{text}},
    content {{text}} NOT NULL,
    fetched_at {{bigint}} NOT NULL,
    checked_at {{bigint}} NOT NULL
) {{strict}};

-- What an upstream model costs from a time on. A new price is a new row; the one before it ends then.
-- rates are nanodollars per million tokens by token class, with context tiers.
CREATE TABLE model_pricing (
    id {{text}} NOT NULL PRIMARY KEY,
    pricing_provider_id {{text}} NOT NULL,
    upstream_model {{text}} NOT NULL,
    rates {{text}} NOT NULL,
    provenance {{text}} NOT NULL,
    effective_from {{bigint}} NOT NULL,
    effective_until {{bigint}},
    CONSTRAINT model_pricing_span CHECK (effective_until > effective_from)
) {{strict}};

CREATE UNIQUE INDEX model_pricing_pricing_provider_id_upstream_model_key
    ON model_pricing (pricing_provider_id, upstream_model) WHERE effective_until IS NULL;
CREATE INDEX model_pricing_effective_from_idx
    ON model_pricing (pricing_provider_id, upstream_model, effective_from);

-- Money ----------------------------------------------------------------------------------------------------------------

-- One row for each attempt that reached a provider. No foreign keys: history survives what it mentions.
-- request_id is the gateway's own id, admitted_at what decides the budget window, rates and provenance what was paid by,
-- session, agent and client what the caller's software says about itself.
CREATE TABLE ledger (
    request_id {{text}} NOT NULL,
    attempt {{bigint}} NOT NULL CONSTRAINT ledger_attempt CHECK (attempt > 0),
    replica_id {{text}} NOT NULL,
    api_key_id {{text}} NOT NULL,
    user_id {{text}},
    team_id {{text}},
    service_account_id {{text}},
    operation {{text}} NOT NULL,
    requested_model {{text}} NOT NULL,
    resolved_model {{text}} NOT NULL,
    provider_id {{text}} NOT NULL,
    route_id {{text}} NOT NULL,
    upstream_model {{text}} NOT NULL,
    session {{text}},
    agent {{text}},
    client {{text}},
    input_uncached {{bigint}} NOT NULL CONSTRAINT ledger_input_uncached CHECK (input_uncached >= 0),
    input_cache_read {{bigint}} NOT NULL CONSTRAINT ledger_input_cache_read CHECK (input_cache_read >= 0),
    input_cache_write {{bigint}} NOT NULL CONSTRAINT ledger_input_cache_write CHECK (input_cache_write >= 0),
    input_audio {{bigint}} NOT NULL CONSTRAINT ledger_input_audio CHECK (input_audio >= 0),
    output_text {{bigint}} NOT NULL CONSTRAINT ledger_output_text CHECK (output_text >= 0),
    output_reasoning {{bigint}} NOT NULL CONSTRAINT ledger_output_reasoning CHECK (output_reasoning >= 0),
    output_audio {{bigint}} NOT NULL CONSTRAINT ledger_output_audio CHECK (output_audio >= 0),
    pricing_status {{text}} NOT NULL CONSTRAINT ledger_pricing_status
        CHECK (pricing_status IN ('priced', 'free', 'unpriced', 'not_billed')),
    unpriced_reason {{text}},
    pricing_id {{text}},
    rates {{text}},
    provenance {{text}},
    hold {{bigint}} NOT NULL CONSTRAINT ledger_hold CHECK (hold >= 0),
    cost {{bigint}} NOT NULL CONSTRAINT ledger_cost CHECK (cost >= 0),
    end_reason {{text}} NOT NULL,
    usage_source {{text}} CONSTRAINT ledger_usage_source
        CHECK (usage_source IN ('held_maximum', 'estimated', 'provider_partial', 'provider_final')),
    admitted_at {{bigint}} NOT NULL,
    started_at {{bigint}} NOT NULL,
    ended_at {{bigint}},
    settled_at {{bigint}} NOT NULL,
    PRIMARY KEY (request_id, attempt),
    CONSTRAINT ledger_unpriced_reason CHECK ((pricing_status = 'unpriced') = (unpriced_reason IS NOT NULL)),
    CONSTRAINT ledger_cost_priced CHECK (cost = 0 OR pricing_status = 'priced')
) {{strict}};

CREATE INDEX ledger_admitted_at_idx ON ledger (admitted_at);
CREATE INDEX ledger_api_key_id_idx ON ledger (api_key_id, admitted_at);
CREATE INDEX ledger_user_id_idx ON ledger (user_id, admitted_at) WHERE user_id IS NOT NULL;
CREATE INDEX ledger_team_id_idx ON ledger (team_id, admitted_at) WHERE team_id IS NOT NULL;
CREATE INDEX ledger_service_account_id_idx ON ledger (service_account_id, admitted_at) WHERE service_account_id IS NOT NULL;

-- What a row said before a better figure came. usage_source is not_billed for a row without one.
CREATE TABLE ledger_history (
    request_id {{text}} NOT NULL,
    attempt {{bigint}} NOT NULL,
    usage_source {{text}} NOT NULL,
    figures {{text}} NOT NULL,
    cost {{bigint}} NOT NULL,
    settled_at {{bigint}} NOT NULL,
    PRIMARY KEY (request_id, attempt, settled_at, usage_source)
) {{strict}};

-- The caller's tags, service, component and env among them: spend is reported by them after the request's log is gone.
CREATE TABLE ledger_tags (
    request_id {{text}} NOT NULL,
    key {{text}} NOT NULL,
    value {{text}} NOT NULL,
    PRIMARY KEY (request_id, key)
) {{strict}};

CREATE INDEX ledger_tags_key_value_idx ON ledger_tags (key, value, request_id);

-- The ledger's sums by the hour and by the UTC day of admitted_at (their beginnings), so that a report over a million rows reads
-- some thousands. A cache: it changes in the transactions that change the ledger. Without a value, a column is ''.
-- Each row of the ledger is in several sums: under label_key '' by owner, model and provider; under '@all' by nothing else; under
-- each of its tags; under '@session' without model and provider; under '@unpriced' with the reason as the value.
-- estimated and held_maximum are parts of cost. A request is counted at its first attempt.
CREATE TABLE ledger_hours (
    label_key {{text}} NOT NULL,
    start {{bigint}} NOT NULL,
    label_value {{text}} NOT NULL,
    api_key_id {{text}} NOT NULL,
    user_id {{text}} NOT NULL,
    team_id {{text}} NOT NULL,
    service_account_id {{text}} NOT NULL,
    resolved_model {{text}} NOT NULL,
    provider_id {{text}} NOT NULL,
    requests {{bigint}} NOT NULL,
    attempts {{bigint}} NOT NULL,
    input_uncached {{bigint}} NOT NULL,
    input_cache_read {{bigint}} NOT NULL,
    input_cache_write {{bigint}} NOT NULL,
    input_audio {{bigint}} NOT NULL,
    output_text {{bigint}} NOT NULL,
    output_reasoning {{bigint}} NOT NULL,
    output_audio {{bigint}} NOT NULL,
    cost {{bigint}} NOT NULL,
    estimated {{bigint}} NOT NULL,
    held_maximum {{bigint}} NOT NULL,
    unpriced_attempts {{bigint}} NOT NULL,
    unpriced_tokens {{bigint}} NOT NULL,
    free_attempts {{bigint}} NOT NULL,
    not_billed_attempts {{bigint}} NOT NULL,
    PRIMARY KEY (label_key, start, label_value, api_key_id, user_id, team_id, service_account_id, resolved_model, provider_id)
) {{strict}}{{clustered}};

CREATE TABLE ledger_days (
    label_key {{text}} NOT NULL,
    start {{bigint}} NOT NULL,
    label_value {{text}} NOT NULL,
    api_key_id {{text}} NOT NULL,
    user_id {{text}} NOT NULL,
    team_id {{text}} NOT NULL,
    service_account_id {{text}} NOT NULL,
    resolved_model {{text}} NOT NULL,
    provider_id {{text}} NOT NULL,
    requests {{bigint}} NOT NULL,
    attempts {{bigint}} NOT NULL,
    input_uncached {{bigint}} NOT NULL,
    input_cache_read {{bigint}} NOT NULL,
    input_cache_write {{bigint}} NOT NULL,
    input_audio {{bigint}} NOT NULL,
    output_text {{bigint}} NOT NULL,
    output_reasoning {{bigint}} NOT NULL,
    output_audio {{bigint}} NOT NULL,
    cost {{bigint}} NOT NULL,
    estimated {{bigint}} NOT NULL,
    held_maximum {{bigint}} NOT NULL,
    unpriced_attempts {{bigint}} NOT NULL,
    unpriced_tokens {{bigint}} NOT NULL,
    free_attempts {{bigint}} NOT NULL,
    not_billed_attempts {{bigint}} NOT NULL,
    PRIMARY KEY (label_key, start, label_value, api_key_id, user_id, team_id, service_account_id, resolved_model, provider_id)
) {{strict}}{{clustered}};

-- A limit of spend for one scope. A scope has one budget that is not retired.
CREATE TABLE budgets (
    id {{text}} NOT NULL PRIMARY KEY,
    user_id {{text}} REFERENCES users (id),
    team_id {{text}} REFERENCES teams (id),
    api_key_id {{text}} REFERENCES api_keys (id),
    service_account_id {{text}} REFERENCES service_accounts (id),
    cadence {{text}} NOT NULL CONSTRAINT budgets_cadence CHECK (cadence IN ('daily', 'weekly', 'monthly')),
    amount {{bigint}} NOT NULL CONSTRAINT budgets_amount CHECK (amount >= 0),
    hard_limit {{bigint}} NOT NULL CONSTRAINT budgets_hard_limit CHECK (hard_limit IN (0, 1)),
    timezone {{text}} NOT NULL,
    managed_by {{text}} NOT NULL CONSTRAINT budgets_managed_by CHECK (managed_by IN ('file', 'control_plane')),
    version {{bigint}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    updated_at {{bigint}} NOT NULL,
    retired_at {{bigint}},
    CONSTRAINT budgets_one_scope CHECK (
        (CASE WHEN user_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN team_id IS NULL THEN 0 ELSE 1 END)
        + (CASE WHEN api_key_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN service_account_id IS NULL THEN 0 ELSE 1 END) = 1)
) {{strict}};

CREATE UNIQUE INDEX budgets_user_id_key ON budgets (user_id) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX budgets_team_id_key ON budgets (team_id) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX budgets_api_key_id_key ON budgets (api_key_id) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX budgets_service_account_id_key ON budgets (service_account_id) WHERE retired_at IS NULL;

-- settled is a cache of the ledger's sum over the window, held the sum of its holds. Real spend may pass the amount.
CREATE TABLE budget_windows (
    budget_id {{text}} NOT NULL REFERENCES budgets (id),
    starts_at {{bigint}} NOT NULL,
    ends_at {{bigint}} NOT NULL,
    settled {{bigint}} NOT NULL CONSTRAINT budget_windows_settled CHECK (settled >= 0),
    held {{bigint}} NOT NULL CONSTRAINT budget_windows_held CHECK (held >= 0),
    PRIMARY KEY (budget_id, starts_at),
    CONSTRAINT budget_windows_span CHECK (ends_at > starts_at)
) {{strict}};

CREATE TABLE holds (
    request_id {{text}} NOT NULL,
    attempt {{bigint}} NOT NULL CONSTRAINT holds_attempt CHECK (attempt > 0),
    budget_id {{text}} NOT NULL,
    window_starts_at {{bigint}} NOT NULL,
    amount {{bigint}} NOT NULL CONSTRAINT holds_amount CHECK (amount >= 0),
    replica_id {{text}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    PRIMARY KEY (request_id, attempt, budget_id),
    FOREIGN KEY (budget_id, window_starts_at) REFERENCES budget_windows (budget_id, starts_at)
) {{strict}};

CREATE INDEX holds_replica_id_idx ON holds (replica_id);
CREATE INDEX holds_budget_id_idx ON holds (budget_id, window_starts_at);

-- Replicas -------------------------------------------------------------------------------------------------------------

-- A row for each run of a gateway. heartbeat_at is by the database's clock.
CREATE TABLE replicas (
    id {{text}} NOT NULL PRIMARY KEY,
    host {{text}} NOT NULL,
    process_id {{bigint}} NOT NULL,
    gateway_version {{text}} NOT NULL,
    configuration_hash {{text}} NOT NULL,
    status {{text}} NOT NULL CONSTRAINT replicas_status CHECK (status IN ('serving', 'draining', 'stopped', 'lost')),
    started_at {{bigint}} NOT NULL,
    heartbeat_at {{bigint}} NOT NULL
) {{strict}};

CREATE INDEX replicas_heartbeat_at_idx ON replicas (heartbeat_at);

-- Alerts ---------------------------------------------------------------------------------------------------------------

-- Once for each window and threshold, made in the transaction that crossed it.
CREATE TABLE alerts (
    id {{text}} NOT NULL PRIMARY KEY,
    budget_id {{text}} NOT NULL REFERENCES budgets (id),
    window_starts_at {{bigint}} NOT NULL,
    threshold_percent {{bigint}} NOT NULL CONSTRAINT alerts_threshold_percent CHECK (threshold_percent > 0),
    used {{bigint}} NOT NULL,
    amount {{bigint}} NOT NULL,
    created_at {{bigint}} NOT NULL
) {{strict}};

CREATE UNIQUE INDEX alerts_budget_id_window_starts_at_threshold_percent_key
    ON alerts (budget_id, window_starts_at, threshold_percent);
CREATE INDEX alerts_created_at_idx ON alerts (created_at, id);

CREATE TABLE alert_deliveries (
    id {{text}} NOT NULL PRIMARY KEY,
    alert_id {{text}} NOT NULL REFERENCES alerts (id),
    channel {{text}} NOT NULL,
    recipient {{text}} NOT NULL,
    message_id {{text}} NOT NULL UNIQUE,
    status {{text}} NOT NULL CONSTRAINT alert_deliveries_status CHECK (status IN ('pending', 'sent', 'given_up')),
    attempts {{bigint}} NOT NULL CONSTRAINT alert_deliveries_attempts CHECK (attempts >= 0),
    next_attempt_at {{bigint}},
    last_error {{text}},
    created_at {{bigint}} NOT NULL,
    finished_at {{bigint}},
    CONSTRAINT alert_deliveries_next CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
) {{strict}};

CREATE UNIQUE INDEX alert_deliveries_alert_id_channel_recipient_key
    ON alert_deliveries (alert_id, channel, recipient);
CREATE INDEX alert_deliveries_next_attempt_at_idx ON alert_deliveries (next_attempt_at) WHERE status = 'pending';

-- Responses that a provider keeps, where a route allows that: whose they are, and which route can find them.
CREATE TABLE stored_responses (
    id {{text}} NOT NULL PRIMARY KEY,
    owner {{text}} NOT NULL,
    route_id {{text}} NOT NULL,
    provider_id {{text}} NOT NULL,
    created_at {{bigint}} NOT NULL
) {{strict}};

CREATE INDEX stored_responses_created_at_idx ON stored_responses (created_at);

-- Requests -------------------------------------------------------------------------------------------------------------

-- On PostgreSQL these four are partitioned by day, which their ids tell: a UUIDv7 begins with its time. So retention drops
-- partitions, an id leads to one of them, and newest first is the order of the ids backwards. No foreign keys, as above.

-- request_id is the caller's correlation id, id the gateway's own. Durations are microseconds. receipt says what was decided
-- at each stage and by which setting.
CREATE TABLE request_logs (
    id {{text}} NOT NULL,
    request_id {{text}} NOT NULL,
    trace_id {{text}},
    received_at {{bigint}} NOT NULL,
    replica_id {{text}} NOT NULL,
    api_key_id {{text}} NOT NULL,
    user_id {{text}},
    team_id {{text}},
    service_account_id {{text}},
    operation {{text}} NOT NULL,
    is_stream {{bigint}} NOT NULL CONSTRAINT request_logs_is_stream CHECK (is_stream IN (0, 1)),
    requested_model {{text}},
    resolved_model {{text}},
    provider_id {{text}},
    route_id {{text}},
    upstream_model {{text}},
    status {{bigint}},
    error_code {{text}},
    end_reason {{text}} NOT NULL,
    attempts {{bigint}} NOT NULL CONSTRAINT request_logs_attempts CHECK (attempts >= 0),
    input_tokens {{bigint}},
    output_tokens {{bigint}},
    pricing_status {{text}},
    cost {{bigint}} NOT NULL,
    first_byte_after {{bigint}},
    ended_after {{bigint}},
    service {{text}},
    component {{text}},
    env {{text}},
    receipt {{text}} NOT NULL,
    PRIMARY KEY (id)
) {{strict}} {{by_day:id}};

CREATE INDEX request_logs_request_id_idx ON request_logs (request_id, id);
CREATE INDEX request_logs_api_key_id_idx ON request_logs (api_key_id, id);
CREATE INDEX request_logs_user_id_idx ON request_logs (user_id, id);
CREATE INDEX request_logs_team_id_idx ON request_logs (team_id, id);
CREATE INDEX request_logs_requested_model_idx ON request_logs (requested_model, id);
CREATE INDEX request_logs_provider_id_idx ON request_logs (provider_id, id);
CREATE INDEX request_logs_service_idx ON request_logs (service, id);
CREATE INDEX request_logs_failed_idx ON request_logs (id, status) WHERE status >= 400;
CREATE INDEX request_logs_cut_idx ON request_logs (id, end_reason) WHERE end_reason <> 'complete';

-- Redacted bodies, with the policy that they were written by.
CREATE TABLE request_log_payloads (
    id {{text}} NOT NULL,
    policy {{text}} NOT NULL,
    request {{text}},
    response {{text}},
    PRIMARY KEY (id)
) {{strict}} {{by_day:id}};

CREATE TABLE request_log_tags (
    id {{text}} NOT NULL,
    key {{text}} NOT NULL,
    value {{text}} NOT NULL,
    PRIMARY KEY (id, key)
) {{strict}} {{by_day:id}};

CREATE INDEX request_log_tags_key_value_idx ON request_log_tags (key, value, id);

CREATE TABLE request_log_attempts (
    id {{text}} NOT NULL,
    attempt {{bigint}} NOT NULL,
    provider_id {{text}} NOT NULL,
    route_id {{text}} NOT NULL,
    upstream_model {{text}} NOT NULL,
    status {{bigint}},
    failure {{text}},
    started_after {{bigint}} NOT NULL,
    head_after {{bigint}},
    ended_after {{bigint}},
    PRIMARY KEY (id, attempt)
) {{strict}} {{by_day:id}};

-- Where a day has no partition, its rows are kept all the same.
{{default_partition:request_logs}}
{{default_partition:request_log_payloads}}
{{default_partition:request_log_tags}}
{{default_partition:request_log_attempts}}

-- Audit ----------------------------------------------------------------------------------------------------------------

-- before and after are JSON objects without secrets and hashes; null before a creation and after a removal.
-- actor_id is a user's id, address where the change came from, request_id the admin API's request.
CREATE TABLE audit_log (
    id {{text}} NOT NULL PRIMARY KEY,
    at {{bigint}} NOT NULL,
    actor_kind {{text}} NOT NULL,
    actor_id {{text}},
    actor_name {{text}} NOT NULL,
    address {{text}},
    request_id {{text}},
    action {{text}} NOT NULL,
    subject_id {{text}} NOT NULL,
    before {{text}},
    after {{text}}
) {{strict}};

CREATE INDEX audit_log_at_idx ON audit_log (at, id);
CREATE INDEX audit_log_subject_id_idx ON audit_log (subject_id, at, id);
CREATE INDEX audit_log_actor_name_idx ON audit_log (actor_name, at, id);
CREATE INDEX audit_log_action_idx ON audit_log (action, at, id);
