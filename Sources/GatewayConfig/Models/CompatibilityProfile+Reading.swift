import GatewayCore

extension CompatibilityProfile {
    init(_ map: MappingReader) {
        self.init(
            supportsStore: map.value("supports_store", .flag, default: true),
            maxTokensField: map.value("max_tokens_field", .choice, default: .passthrough),
            developerRole: map.value("developer_role", .choice, default: .passthrough),
            reasoningEffort: map.value("reasoning_effort", .choice, default: .passthrough),
            supportsStreamUsage: map.value("supports_stream_usage", .flag, default: true))
    }
}
