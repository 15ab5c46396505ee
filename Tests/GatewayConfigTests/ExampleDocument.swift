/// The complete example of the configuration reference.
enum ExampleDocument {
    static let text = """
        server:
          bind: "0.0.0.0:8080"
          log_format: pretty                 # json
          log_level: info
          max_request_body_bytes: 33554432
          max_concurrent_requests: 1024
          max_buffered_body_bytes: 536870912
          shutdown_delay_seconds: 5
          shutdown_grace_seconds: 30
          control_socket: "./gateway.sock"
          metrics_bind: null                 # "127.0.0.1:9464"
          otel_endpoint: null                # base URL, OTLP/HTTP: http://collector:4318
          otel_metrics_endpoint: null        # otel_endpoint
          otel_export_interval_secs: 30
          otel_trace_sample_ratio: 1.0
        database:
          kind: libsql                       # sqlite, postgres; without kind: postgres if url is set, else libsql
          path: "./gateway.db"
          url: null                          # env.POSTGRES_URL
          max_connections: 10
        auth:
          max_staleness_seconds: 300
          bootstrap_admin: { enabled: false, email: admin@local, password: env.GATEWAY_BOOTSTRAP_ADMIN_PASSWORD, require_password_change: true }
          seed_api_keys:
            - { name: default, value: env.GATEWAY_API_KEY, allowed_models: all, owner: "team:platform" }
        accounting:
          unpriced: deny
          default_output_hold_tokens: 4096
          cap_output: true
          journal: { path: "./journal", max_bytes: 1073741824, sync: group }
          catalog: { refresh_minutes: 60, url: "https://models.dev/api.json", timeout_seconds: 30 }
        routing:
          max_attempts: 3
          deadline_ms: 600000
          max_retry_after: 2
          retry_after_timeout: false
          cooldown: { failures: 5, seconds: 30 }
        budget_alerts:
          thresholds: [80, 100]
          email: { from_email: alerts@example.com, from_name: Sluice, transport: { kind: smtp, host: mail, port: 587, username: env.U, password: env.P, tls: starttls } }
          webhook: { url: env.ALERT_URL, secret: env.ALERT_SECRET }
        providers:
          - id: openai-prod
            type: openai_compat
            base_url: https://api.openai.com/v1
            pricing_provider_id: openai
            auth: { kind: bearer, token: env.OPENAI_API_KEY }
            timeouts: { connect_ms: 5000, head_ms: 600000, stream_head_ms: 300000, idle_ms: 300000, total_ms: null }
            on_client_disconnect: cancel     # drain
          - id: vertex
            type: gcp_vertex
            project_id: env.GCP_PROJECT
            location: global
            auth: { mode: adc }              # service_account + credentials_path; bearer + token
          - { id: sim, type: simulator }
        models:
          - id: fast
            tags: [fast, cheap]
            routes:
              - { provider: openai-prod, upstream_model: gpt-5-mini, priority: 50, weight: 9 }
          - { id: default, alias_of: fast }
        teams:
          - { key: platform, name: Platform, allowed_models: all, budget: { cadence: monthly, amount_usd: "500.00", hard_limit: true, timezone: UTC } }
        users:
          - { name: Ops, email: ops@example.com, auth_mode: password, global_role: platform_admin, membership: { team: platform, role: admin } }
        request_logging:
          payloads:
            capture_mode: redacted_payloads
            request_max_bytes: 65536
            response_max_bytes: 65536
            stream_max_events: 128
            redaction_paths: []
          retention_days: 30

        """

    static let environment = [
        "GATEWAY_API_KEY": seedKey, "U": "mailer", "P": "canary-mail", "ALERT_URL": "https://alerts.example.com/canary",
        "ALERT_SECRET": "canary-webhook", "OPENAI_API_KEY": "canary-openai", "GCP_PROJECT": "acme",
    ]
}
