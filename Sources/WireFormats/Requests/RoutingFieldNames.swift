import GatewayCore

/// The names of `RoutingField` as bytes, for comparison with the keys of a request.
enum RoutingFieldNames {
    private static let names = RoutingField.allCases.map { (name: Array($0.rawValue.lowercased().utf8), field: $0) }

    /// The field with this name, in any case; nil for every other key.
    static func field(_ key: JSONString, in scanner: JSONScanner) -> RoutingField? {
        names.first { $0.name.withBytes { scanner.isEqualIgnoringCase(key, $0) } }?.field
    }
}
