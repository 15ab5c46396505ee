import Testing

/// A document that breaks one rule, and what must be said about it.
struct BrokenRule: CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let line: Int
    let path: String
    let message: String

    init(_ description: String, _ text: String, line: Int, _ path: String, _ message: String) {
        testDescription = description
        self.text = text
        self.line = line
        self.path = path
        self.message = message
    }

    private static let route = "models: [{ id: m, routes: [{ provider: sim }] }]\n"

    static let keys = [
        BrokenRule("unknown section", "servr: {}", line: 1, "servr", "unknown key; did you mean \"server\"?"),
        BrokenRule(
            "unknown key in a section", "server:\n  bind: 127.0.0.1:1\n  log_fromat: json", line: 3,
            "server.log_fromat",
            "unknown key; did you mean \"log_format\"?"),
        BrokenRule(
            "unknown key in a list", "providers:\n  - id: a\n    typ: simulator\n    type: simulator", line: 3,
            "providers[0].typ", "unknown key; did you mean \"type\"?"),
        BrokenRule(
            "unknown key, nothing near", "server:\n  zzzzzz: 1", line: 2, "server.zzzzzz", "unknown key"),
        BrokenRule("merge key", "server:\n  <<: {}", line: 2, "server.<<", "merge keys are not supported"),
        BrokenRule(
            "duplicate key", "server:\n  bind: 127.0.0.1:1\n  bind: 127.0.0.1:2", line: 2, "",
            "\"bind\" is written more than once"),
        BrokenRule(
            "simulator takes no base_url", "providers:\n  - id: s\n    type: simulator\n    base_url: http://x",
            line: 4,
            "providers[0].base_url", "unknown key"),
    ]

    static let types = [
        BrokenRule(
            "quoted number", "routing:\n  max_attempts: \"3\"", line: 2, "routing.max_attempts", "without quotes"),
        BrokenRule(
            "text for a number", "routing: { max_attempts: three }", line: 1, "routing.max_attempts", "from 1 to 20"),
        BrokenRule(
            "number out of range", "routing: { max_attempts: 0 }", line: 1, "routing.max_attempts", "from 1 to 20"),
        BrokenRule("fraction", "routing: { max_attempts: 1.5 }", line: 1, "routing.max_attempts", "a whole number"),
        BrokenRule("octal", "routing: { max_attempts: 010 }", line: 1, "routing.max_attempts", "a whole number"),
        BrokenRule(
            "huge number", "routing: { deadline_ms: 99999999999999999999 }", line: 1, "routing.deadline_ms", "whole"),
        BrokenRule("yes", "accounting: { cap_output: yes }", line: 1, "accounting.cap_output", "yes, no, on and off"),
        BrokenRule(
            "quoted true", "accounting: { cap_output: \"true\" }", line: 1, "accounting.cap_output", "without quotes"),
        BrokenRule("number for a text", "database: { path: 5 }", line: 1, "database.path", "put it in quotes"),
        BrokenRule(
            "mapping for a text", "database: { path: {} }", line: 1, "database.path", "must be the path of a file"),
        BrokenRule("list for a section", "server: []", line: 1, "server", "must be a mapping"),
        BrokenRule("mapping for a list", "providers: {}", line: 1, "providers", "must be a list"),
        BrokenRule("text in a list of mappings", "providers: [x]", line: 1, "providers[0]", "must be a mapping"),
        BrokenRule(
            "unknown word", "server:\n  log_format: jsn", line: 2, "server.log_format",
            "one of pretty, json; did you mean \"json\"?"),
        BrokenRule("tag", "routing: { max_attempts: !!int 3 }", line: 1, "", "tags"),
    ]

    static let server = [
        BrokenRule("bind without port", "server: { bind: localhost }", line: 1, "server.bind", "an address and a port"),
        BrokenRule(
            "bind with a wrong port", "server: { bind: \"a:70000\" }", line: 1, "server.bind", "an address and a port"),
        BrokenRule("bare IPv6", "server: { bind: \"::1:80\" }", line: 1, "server.bind", "[::1]:8080"),
        BrokenRule(
            "buffer smaller than a body", "server:\n  max_request_body_bytes: 10\n  max_buffered_body_bytes: 9",
            line: 3,
            "server.max_buffered_body_bytes", "must not be less"),
        BrokenRule(
            "proxy", "server: { trusted_proxies: [10.0.0.0/33] }", line: 1, "server.trusted_proxies[0]", "IP address"),
        BrokenRule(
            "tls without key", "server: { tls: { certificate_path: a } }", line: 1, "server.tls.private_key_path",
            "missing"),
        BrokenRule(
            "ratio", "server: { otel_trace_sample_ratio: 1.1 }", line: 1, "server.otel_trace_sample_ratio",
            "from 0 to 1"),
        BrokenRule("postgres without url", "database: { kind: postgres }", line: 1, "database.url", "env.POSTGRES_URL"),
        BrokenRule(
            "password with @", "database: { url: \"literal.postgres://u:p@q@h/d\" }", line: 1, "database.url",
            "percent-encoded: / as %2F, @ as %40"),
        BrokenRule(
            "password with /", "database: { url: \"literal.postgres://u:1/q@h/d\" }", line: 1, "database.url",
            "percent-encoded"),
        BrokenRule(
            "url as a path", "database: { path: \"postgres://u:p@h/d\" }", line: 1, "database.path",
            "belongs in database.url"),
        BrokenRule(
            "proxy with user info", "egress: { proxy: \"http://u:p@proxy:3128\" }", line: 1, "egress.proxy",
            "egress.credentials"),
        BrokenRule(
            "proxy over TLS", "egress: { proxy: \"https://proxy:3128\" }", line: 1, "egress.proxy", "http address"),
        BrokenRule(
            "proxy credentials", "egress: { proxy: \"http://proxy\", credentials: literal.token }", line: 1,
            "egress.credentials", "user:password"),
        BrokenRule(
            "no_proxy", "egress: { proxy: \"http://proxy\", no_proxy: [\"http://x\"] }", line: 1, "egress.no_proxy[0]",
            "a host name"),
        BrokenRule("wrong url", "database: { url: \"literal.mysql://x\" }", line: 1, "database.url", "postgres://"),
        BrokenRule("password in the file", "database: { url: \"postgres://x\" }", line: 1, "database.url", "env.NAME"),
    ]

    static let auth = [
        BrokenRule(
            "key of another form", "auth: { seed_api_keys: [{ name: a, value: literal.sk-1 }] }", line: 1,
            "auth.seed_api_keys[0].value", "gwk_<public id>.<secret>"),
        BrokenRule(
            "short secret on all addresses", "auth: { seed_api_keys: [{ name: a, value: literal.gwk_ABCDEFGH.x }] }",
            line: 1,
            "auth.seed_api_keys[0].value", "shorter than 32"),
        BrokenRule(
            "short secret with a server database",
            "server: { bind: \"127.0.0.1:1\" }\ndatabase: { url: \"literal.postgres://x\" }\n"
                + "auth: { seed_api_keys: [{ name: a, value: literal.gwk_ABCDEFGH.x }] }", line: 3,
            "auth.seed_api_keys[0].value", "shorter than 32"),
        BrokenRule(
            "two keys of a name",
            "auth:\n  seed_api_keys:\n    - { name: a, value: literal.\(seedKey) }\n    - { name: a, value: literal.gwk_Z\(seedKey.dropFirst(4)) }",
            line: 4, "auth.seed_api_keys[1].name", "declared twice; the first is on line 3"),
        BrokenRule(
            "key without an owner", "auth: { seed_api_keys: [{ name: a, value: literal.\(seedKey), owner: me }] }",
            line: 1,
            "auth.seed_api_keys[0].owner", "team:<key>"),
        BrokenRule(
            "key of an unknown team",
            "auth: { seed_api_keys: [{ name: a, value: literal.\(seedKey), owner: \"team:platfrm\" }] }\n"
                + "teams: [{ key: platform }]", line: 1, "auth.seed_api_keys[0].owner", "did you mean \"platform\"?"),
        BrokenRule(
            "admin without password", "auth: { bootstrap_admin: { enabled: true } }", line: 1,
            "auth.bootstrap_admin.password",
            "missing"),
        BrokenRule(
            "session shorter than idle", "auth: { session: { idle_seconds: 100, absolute_seconds: 60 } }", line: 1,
            "auth.session.absolute_seconds", "must not be less"),
        BrokenRule(
            "two OIDC providers of a key",
            "auth:\n  oidc:\n    - { key: a, issuer: \"https://i\", client_id: c }\n"
                + "    - { key: a, issuer: \"https://i\", client_id: c }", line: 4, "auth.oidc[1].key", "declared twice"
        ),
    ]

    static let providers = [
        BrokenRule("no id", "providers: [{ type: simulator }]", line: 1, "providers[0].id", "missing"),
        BrokenRule(
            "reference as id", "providers: [{ id: env.ID, type: simulator }]", line: 1, "providers[0].id",
            "must be written here"),
        BrokenRule("no type", "providers:\n  - id: a\n    base_url: x", line: 2, "providers[0].type", "missing"),
        BrokenRule(
            "unknown type", "providers: [{ id: a, type: openai }]", line: 1, "providers[0].type", "openai_compat"),
        BrokenRule(
            "two of an id", "providers:\n  - { id: a, type: simulator }\n  - { id: a, type: simulator }", line: 3,
            "providers[1].id", "declared twice; the first is on line 2"),
        BrokenRule(
            "user info",
            "providers: [{ id: a, type: openai_compat, auth: { kind: none }, base_url: \"https://u:p@x\" }]",
            line: 1, "providers[0].base_url", "without user info, query or fragment"),
        BrokenRule(
            "query", "providers: [{ id: a, type: openai_compat, auth: { kind: none }, base_url: \"https://x/?a\" }]",
            line: 1,
            "providers[0].base_url", "without user info"),
        BrokenRule(
            "fragment", "providers: [{ id: a, type: openai_compat, auth: { kind: none }, base_url: \"https://x/#a\" }]",
            line: 1, "providers[0].base_url", "without user info"),
        BrokenRule(
            "an endpoint as base_url",
            "providers: [{ id: a, type: openai_compat, auth: { kind: none }, base_url: \"https://x/v1/Chat/Completions/\" }]",
            line: 1, "providers[0].base_url",
            "must end before /chat/completions, which the gateway appends itself: https://x/v1"),
        BrokenRule(
            "another endpoint as base_url",
            "providers: [{ id: a, type: openai_compat, auth: { kind: none }, base_url: \"http://x:9/responses\" }]",
            line: 1, "providers[0].base_url", ": http://x:9"),
        BrokenRule(
            "scheme", "providers: [{ id: a, type: openai_compat, auth: { kind: none }, base_url: \"ftp://x\" }]",
            line: 1,
            "providers[0].base_url", "http or https"),
        BrokenRule(
            "no auth", "providers: [{ id: a, type: openai_compat, base_url: \"http://x\" }]", line: 1,
            "providers[0].auth",
            "bearer, header or none"),
        BrokenRule(
            "token in the file",
            "providers:\n  - { id: a, type: openai_compat, base_url: \"http://x\", auth: { kind: bearer, token: sk-1 } }",
            line: 2, "providers[0].auth.token", "env.NAME"),
        BrokenRule(
            "header auth without header",
            "providers: [{ id: a, type: openai_compat, base_url: \"http://x\", auth: { kind: header, token: literal.x } }]",
            line: 1, "providers[0].auth.header", "missing"),
        BrokenRule(
            "framing header",
            "providers:\n  - id: a\n    type: openai_compat\n    base_url: \"http://x\"\n    auth: { kind: none }\n"
                + "    default_headers: { Transfer-Encoding: chunked }",
            line: 6, "providers[0].default_headers.Transfer-Encoding", "frames the request"),
        BrokenRule(
            "credential beside auth",
            "providers:\n  - id: a\n    type: openai_compat\n    base_url: \"http://x\"\n    auth: { kind: none }\n"
                + "    default_headers: { Authorization: env.X }",
            line: 6, "providers[0].default_headers.Authorization", "belongs in `auth`"),
        BrokenRule(
            "header with a line break",
            "providers:\n  - id: a\n    type: openai_compat\n    base_url: \"http://x\"\n    auth: { kind: none }\n"
                + "    default_headers: { x-a: \"b\\r\\nc: d\" }",
            line: 6, "providers[0].default_headers.x-a", "without line breaks"),
        BrokenRule(
            "no price",
            "providers:\n  - { id: a, type: openai_compat, base_url: \"http://x\", auth: { kind: none } }\n"
                + "models: [{ id: m, routes: [{ provider: a, upstream_model: u }] }]",
            line: 2, "providers[0]", "the model \"m\" has a route without one"),
        BrokenRule(
            "timeout", simulator.replacing(" }]", with: ", timeouts: { idle_ms: 0 } }]"), line: 1,
            "providers[0].timeouts.idle_ms", "from 1"),
        BrokenRule(
            "rate", simulator.replacing(" }]", with: ", simulator: { failure_rate: 2 } }]"), line: 1,
            "providers[0].simulator.failure_rate", "from 0 to 1"),
    ]

    static let models = [
        BrokenRule(
            "neither", "models: [{ id: m }]", line: 1, "models[0]",
            "exactly one of alias_of and routes; this one has neither"),
        BrokenRule(
            "both", simulator + "models: [{ id: m, alias_of: m, routes: [{ provider: sim }] }]", line: 2, "models[0]",
            "has both"),
        BrokenRule(
            "no routes", simulator + "models:\n  - id: m\n    routes: []", line: 4, "models[0].routes", "at least one"),
        BrokenRule(
            "two of an id",
            simulator
                + "models:\n  - { id: m, routes: [{ provider: sim }] }\n  - { id: m, routes: [{ provider: sim }] }",
            line: 4,
            "models[1].id", "declared twice; the first is on line 3"),
        BrokenRule(
            "unknown target",
            simulator + "models:\n  - { id: fast, routes: [{ provider: sim }] }\n  - { id: d, alias_of: fats }",
            line: 4, "models[1].alias_of", "there is no model \"fats\" in models; did you mean \"fast\"?"),
        BrokenRule(
            "unknown provider", simulator + "models:\n  - id: m\n    routes: [{ provider: sin }]", line: 4,
            "models[0].routes[0].provider", "there is no provider \"sin\" in providers; did you mean \"sim\"?"),
        BrokenRule(
            "alias of itself", "models: [{ id: a, alias_of: a }]", line: 1, "models[0].alias_of", "a cycle: a → a"),
        BrokenRule(
            "negative weight", simulator + "models: [{ id: m, routes: [{ provider: sim, weight: -1 }] }]", line: 2,
            "models[0].routes[0].weight", "from 0"),
        BrokenRule(
            "infinite weight", simulator + "models: [{ id: m, routes: [{ provider: sim, weight: .inf }] }]", line: 2,
            "models[0].routes[0].weight", "a number"),
        BrokenRule(
            "weight past a double", simulator + "models: [{ id: m, routes: [{ provider: sim, weight: 1e999 }] }]",
            line: 2,
            "models[0].routes[0].weight", "a number"),
        BrokenRule(
            "Vertex form",
            "providers: [{ id: v, type: gcp_vertex, project_id: p }]\n"
                + "models: [{ id: m, routes: [{ provider: v, upstream_model: gemini-2.5-pro }] }]", line: 2,
            "models[0].routes[0].upstream_model", "<publisher>/<model>"),
        BrokenRule(
            "zero in a description",
            simulator + "models: [{ id: m, description: \"a\\0b\", routes: [{ provider: sim }] }]", line: 2,
            "models[0].description", "zero"),
        BrokenRule("zero in a path", "database: { path: \"a\\0b\" }", line: 1, "database.path", "the path"),
        BrokenRule(
            "tag with a comma", simulator + "models: [{ id: m, tags: [\"a,b\"], routes: [{ provider: sim }] }]",
            line: 2,
            "models[0].tags[0]", "a tag of"),
        BrokenRule(
            "id like a selector", simulator + "models: [{ id: \"tag:a\", routes: [{ provider: sim }] }]", line: 2,
            "models[0].id", "tag:"),
        BrokenRule(
            "reference as upstream model",
            simulator + "models: [{ id: m, routes: [{ provider: sim, upstream_model: env.M }] }]",
            line: 2, "models[0].routes[0].upstream_model", "must be written here"),
        BrokenRule(
            "a field that chooses no model",
            simulator + "models: [{ id: m, routes: [{ provider: sim, allow_fields: [model] }] }]", line: 2,
            "models[0].routes[0].allow_fields[0]", "did you mean \"models\"?"),
        BrokenRule(
            "unknown capability",
            simulator + "models: [{ id: m, routes: [{ provider: sim, capabilities: { tool: false } }] }]",
            line: 2, "models[0].routes[0].capabilities.tool", "did you mean \"tools\"?"),
        BrokenRule(
            "extra_body sets the model",
            simulator + "models: [{ id: m, routes: [{ provider: sim, extra_body: { model: x } }] }]",
            line: 2, "models[0].routes[0].extra_body.model", "sets this field itself"),
        BrokenRule(
            "price as a number",
            simulator + "models: [{ id: m, routes: [{ provider: sim, pricing: { input_per_million_usd: 1.5, "
                + "output_per_million_usd: \"2\" } }] }]", line: 2,
            "models[0].routes[0].pricing.input_per_million_usd", "put it in quotes"),
        BrokenRule(
            "price of another kind", simulator + "models: [{ id: m, routes: [{ provider: sim, pricing: cheap }] }]",
            line: 2,
            "models[0].routes[0].pricing", "`free`"),
    ]

    /// A key with nothing behind it.
    static let blanks = [
        BrokenRule(
            "key", "auth:\n  seed_api_keys:\n    - name: a\n      value: literal.\(seedKey)\n      allowed_models:",
            line: 5,
            "auth.seed_api_keys[0].allowed_models", "has nothing behind it; write `all`, or the list"),
        BrokenRule(
            "key, null", "auth: { seed_api_keys: [{ name: a, value: literal.\(seedKey), allowed_models: null }] }",
            line: 1,
            "auth.seed_api_keys[0].allowed_models", "`all`"),
        BrokenRule(
            "an empty list", "auth: { seed_api_keys: [{ name: a, value: literal.\(seedKey), allowed_models: [] }] }",
            line: 1, "auth.seed_api_keys[0].allowed_models", "lists no model, so nothing would be allowed; write `all`"
        ),
        BrokenRule(
            "an empty list of a team", "teams: [{ key: a, allowed_models: [] }]", line: 1, "teams[0].allowed_models",
            "lists no model"),
        BrokenRule("team", "teams: [{ key: a, allowed_models: }]", line: 1, "teams[0].allowed_models", "`all`"),
        BrokenRule(
            "user", "users: [{ name: A, email: a@x.y, allowed_models: ~ }]", line: 1, "users[0].allowed_models", "`all`"
        ),
        BrokenRule(
            "owner", "auth: { seed_api_keys: [{ name: a, value: literal.\(seedKey), owner: }] }", line: 1,
            "auth.seed_api_keys[0].owner", "nothing behind"),
        BrokenRule("budget", "teams: [{ key: a, budget: }]", line: 1, "teams[0].budget", "nothing behind"),
        BrokenRule(
            "membership", "users: [{ name: A, email: a@x.y, membership: }]", line: 1, "users[0].membership", "nothing"),
        BrokenRule("TLS", "server:\n  tls:\n", line: 2, "server.tls", "nothing behind"),
        BrokenRule(
            "capabilities", simulator + "models: [{ id: m, routes: [{ provider: sim, capabilities: }] }]", line: 2,
            "models[0].routes[0].capabilities", "nothing behind"),
        BrokenRule(
            "capability", simulator + "models: [{ id: m, routes: [{ provider: sim, capabilities: { tools: } }] }]",
            line: 2,
            "models[0].routes[0].capabilities.tools", "true or false"),
        BrokenRule("models", "models:\n", line: 1, "models", "`[]` for an empty one"),
        BrokenRule("optional secret", "database: { kind: sqlite, url: }", line: 1, "database.url", "nothing behind"),
        BrokenRule(
            "no domains",
            "auth: { oidc: [{ key: k, issuer: \"https://i\", client_id: c, just_in_time: { allowed_domains: [] } }] }",
            line: 1,
            "auth.oidc[0].just_in_time.allowed_domains", "at least one"),
    ]

    static let people = [
        BrokenRule("reserved team", "teams: [{ key: system-legacy }]", line: 1, "teams[0].key", "reserved"),
        BrokenRule(
            "two teams of a key", "teams:\n  - { key: a }\n  - { key: a }", line: 3, "teams[1].key", "declared twice"),
        BrokenRule(
            "negative budget", "teams: [{ key: a, budget: { cadence: daily, amount_usd: \"-1\" } }]", line: 1,
            "teams[0].budget.amount_usd", "not negative"),
        BrokenRule(
            "budget as a number", "teams: [{ key: a, budget: { cadence: daily, amount_usd: 500 } }]", line: 1,
            "teams[0].budget.amount_usd", "put it in quotes"),
        BrokenRule(
            "budget without cadence", "teams: [{ key: a, budget: { amount_usd: \"5\" } }]", line: 1,
            "teams[0].budget.cadence",
            "missing"),
        BrokenRule(
            "time zone", "teams: [{ key: a, budget: { cadence: daily, amount_usd: \"5\", timezone: Europe/Berln } }]",
            line: 1,
            "teams[0].budget.timezone", "did you mean \"Europe/Berlin\"?"),
        BrokenRule("e-mail", "users: [{ name: A, email: someone }]", line: 1, "users[0].email", "an e-mail address"),
        BrokenRule(
            "reserved e-mail", "users: [{ name: A, email: Admin@Local }]", line: 1, "users[0].email", "reserved"),
        BrokenRule(
            "one e-mail in two cases", "users:\n  - { name: A, email: a@x.y }\n  - { name: B, email: A@X.Y }", line: 3,
            "users[1].email", "declared twice"),
        BrokenRule(
            "unknown team", "users: [{ name: A, email: a@x.y, membership: { team: t } }]", line: 1,
            "users[0].membership.team",
            "there is no team \"t\" in teams"),
        BrokenRule(
            "OIDC without provider", "users: [{ name: A, email: a@x.y, auth_mode: oidc }]", line: 1,
            "users[0].oidc_provider_key", "missing"),
        BrokenRule(
            "unknown OIDC provider", "users: [{ name: A, email: a@x.y, oidc_provider_key: okta }]", line: 1,
            "users[0].oidc_provider_key", "there is no OIDC provider \"okta\" in auth.oidc"),
        BrokenRule(
            "unknown model in a grant", simulator + route + "teams: [{ key: a, allowed_models: [m, n] }]", line: 3,
            "teams[0].allowed_models[1]", "there is no model \"n\""),
        BrokenRule(
            "grant of another kind", "teams: [{ key: a, allowed_models: none }]", line: 1, "teams[0].allowed_models",
            "`all`"),
    ]

    static let others = [
        BrokenRule(
            "journal", "accounting: { journal: { max_bytes: 1 } }", line: 1, "accounting.journal.max_bytes",
            "from 33554432"),
        BrokenRule(
            "threshold", "budget_alerts: { thresholds: [101] }", line: 1, "budget_alerts.thresholds[0]", "from 1 to 100"
        ),
        BrokenRule(
            "threshold twice", "budget_alerts: { thresholds: [80, 80] }", line: 1, "budget_alerts.thresholds[1]",
            "twice"),
        BrokenRule(
            "mail without transport", "budget_alerts: { email: { from_email: a@b } }", line: 1,
            "budget_alerts.email.transport",
            "smtp or log"),
        BrokenRule(
            "user without password",
            "budget_alerts: { email: { from_email: a@b, transport: { kind: smtp, host: mail, username: u } } }",
            line: 1,
            "budget_alerts.email.transport", "must be set together"),
        BrokenRule(
            "webhook in the file", "budget_alerts: { webhook: { url: \"https://x\", secret: literal.y } }", line: 1,
            "budget_alerts.webhook.url", "env.NAME"),
        BrokenRule(
            "redaction path", "request_logging: { payloads: { redaction_paths: [body..x] } }", line: 1,
            "request_logging.payloads.redaction_paths[0]", "a path of names"),
        BrokenRule(
            "UI without token", "admin_ui: { upstream: \"http://ui:3001\" }", line: 1, "admin_ui.token", "missing"),
    ]
}

extension String {
    func replacing(_ part: String, with other: String) -> String {
        split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }
}
