import GatewayCore

extension ProviderDefinition {
    /// The entry as it would stand in `gateway.yaml`.
    func node() throws(JSONNodeReader.Failure) -> DocumentNode {
        try .object(settings, with: [("id", .text(id))])
    }
}

extension ModelDefinition {
    /// The entry as it would stand in `gateway.yaml`.
    func node() throws(JSONNodeReader.Failure) -> DocumentNode {
        var members: [(String, DocumentNode)] = [
            ("id", .text(id)), ("rank", .plain("\(rank)")), ("tags", .list(tags.sorted().map(DocumentNode.text))),
        ]
        // A description is a value here, whatever it looks like.
        if let description {
            members.append(
                ("description", .text(ValueReference(description) == nil ? description : "literal.\(description)")))
        }
        if let aliasOf {
            members.append(("alias_of", .text(aliasOf)))
        } else {
            var nodes: [DocumentNode] = []
            for route in routes { nodes.append(try route.node()) }
            members.append(("routes", .list(nodes)))
        }
        return try .object("{}", with: members)
    }
}

extension RouteDefinition {
    fileprivate func node() throws(JSONNodeReader.Failure) -> DocumentNode {
        try .object(
            options,
            with: [
                ("provider", .text(provider)), ("upstream_model", .text(upstreamModel)),
                ("priority", .plain("\(priority)")), ("weight", .plain("\(weight)")),
                ("enabled", .plain(isEnabled ? "true" : "false")),
            ])
    }
}

extension DocumentNode {
    fileprivate static func text(_ text: String) -> DocumentNode {
        DocumentNode(position: nil, content: .scalar(Scalar(text: text, isPlain: false)))
    }

    /// A number or a boolean.
    fileprivate static func plain(_ text: String) -> DocumentNode {
        DocumentNode(position: nil, content: .scalar(Scalar(text: text, isPlain: true)))
    }

    fileprivate static func list(_ items: [DocumentNode]) -> DocumentNode {
        DocumentNode(position: nil, content: .sequence(items))
    }

    /// The JSON object `json` with `members` before its own, none of which may have their names.
    fileprivate static func object(
        _ json: String, with members: [(name: String, value: DocumentNode)]
    ) throws(JSONNodeReader.Failure) -> DocumentNode {
        guard case .mapping(let own) = try JSONNodeReader.read(json).content else {
            throw JSONNodeReader.Failure(message: "is not a JSON object")
        }
        if let twice = own.first(where: { entry in members.contains { $0.name == entry.key } }) {
            throw JSONNodeReader.Failure(message: "has \(twice.key) in its settings, which is stored apart from them")
        }
        let entries = members.map { Entry(key: $0.name, position: nil, value: $0.value) } + own
        return DocumentNode(position: nil, content: .mapping(entries))
    }
}
