-- Times are microseconds since 1970 UTC, ids are UUIDv7 texts, truth values 0 or 1.
-- A unique index is named <table>_<columns>_key: errors name constraints by that rule on every engine.

-- One row, raised in the transaction of every change that a running gateway has to notice.
CREATE TABLE change_version (
    id {{bigint}} PRIMARY KEY CONSTRAINT change_version_single CHECK (id = 1),
    version {{bigint}} NOT NULL
) {{strict}};

INSERT INTO change_version (id, version) VALUES (1, 0);

CREATE TABLE api_keys (
    id {{text}} NOT NULL PRIMARY KEY,
    public_id {{text}} NOT NULL UNIQUE,
    name {{text}} NOT NULL,
    owner_kind {{text}} NOT NULL CONSTRAINT api_keys_owner_kind CHECK (owner_kind IN ('user', 'team')),
    owner_name {{text}} NOT NULL,
    grants_all {{bigint}} NOT NULL CONSTRAINT api_keys_grants_all CHECK (grants_all IN (0, 1)),
    managed_by {{text}} NOT NULL CONSTRAINT api_keys_managed_by CHECK (managed_by IN ('file', 'control_plane')),
    created_at {{bigint}} NOT NULL,
    expires_at {{bigint}},
    revoked_at {{bigint}},
    last_used_at {{bigint}}
) {{strict}};

-- gateway.yaml names its keys, and a name has one value at a time. Keys made elsewhere may share a name.
CREATE UNIQUE INDEX api_keys_name_key ON api_keys (name) WHERE managed_by = 'file' AND revoked_at IS NULL;

-- Several rows while a secret is being rotated. The hash names its algorithm.
CREATE TABLE api_key_secrets (
    id {{text}} NOT NULL PRIMARY KEY,
    key_id {{text}} NOT NULL REFERENCES api_keys (id),
    hash {{text}} NOT NULL,
    created_at {{bigint}} NOT NULL,
    expires_at {{bigint}}
) {{strict}};

CREATE INDEX api_key_secrets_key_id_idx ON api_key_secrets (key_id);

-- The models of a key whose grants_all is 0.
CREATE TABLE api_key_grants (
    key_id {{text}} NOT NULL REFERENCES api_keys (id),
    model_id {{text}} NOT NULL,
    PRIMARY KEY (key_id, model_id)
) {{strict}};

-- before and after are JSON objects without secrets and hashes; null before a creation and after a removal.
CREATE TABLE audit_log (
    id {{text}} NOT NULL PRIMARY KEY,
    at {{bigint}} NOT NULL,
    actor_kind {{text}} NOT NULL,
    actor_name {{text}} NOT NULL,
    action {{text}} NOT NULL,
    subject_id {{text}} NOT NULL,
    before {{text}},
    after {{text}}
) {{strict}};

CREATE INDEX audit_log_at_idx ON audit_log (at, id);
