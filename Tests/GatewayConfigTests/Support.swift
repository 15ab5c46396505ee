import GatewayConfig

/// A seed key in the form of `keys create`.
let seedKey = "gwk_ABCDEFGH12345678.0123456789012345678901234567890123456789abc"

/// The smallest provider for a route.
let simulator = "providers: [{ id: sim, type: simulator }]\n"

func load(
    _ text: String, environment: [String: String] = [:], files: [String: String] = [:]
) throws(ConfigurationError) -> LoadedConfiguration {
    try GatewayConfiguration.parse(text: text, file: "gateway.yaml", environment: environment) { path in
        guard let text = files[path] else { throw NoSuchFile() }
        return text
    }
}

/// The errors of an invalid document.
func errors(
    _ text: String, environment: [String: String] = [:], files: [String: String] = [:]
) -> [ConfigurationIssue] {
    do {
        _ = try load(text, environment: environment, files: files)
        return []
    } catch {
        return error.issues
    }
}

private struct NoSuchFile: Error {}
