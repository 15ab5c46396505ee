public import GatewayCore

/// A stored thing of any kind that has a version.
public enum StoredRecord: Sendable, Hashable {
    case budget(BudgetRecord)
    case key(KeyRecord)
    case model(ModelRecord)
    case provider(ProviderRecord)
    case team(TeamRecord)
    case user(UserRecord)

    /// Rises with every change.
    public var version: Int64 {
        switch self {
        case .budget(let budget): budget.version
        case .key(let key): key.version
        case .model(let model): model.version
        case .provider(let provider): provider.version
        case .team(let team): team.version
        case .user(let user): user.version
        }
    }

    /// What it is and which one, such as `team core`.
    public var label: String {
        switch self {
        case .budget(let budget): "budget of \(budget.definition.scope.text)"
        case .key(let key): "API key \(key.publicID)"
        case .model(let model): "model \(model.definition.id)"
        case .provider(let provider): "provider \(provider.definition.id)"
        case .team(let team): "team \(team.definition.key)"
        case .user(let user): "user \(user.definition.email)"
        }
    }
}

/// A stored thing that has a version.
protocol Versioned {
    var version: Int64 { get }
    var stored: StoredRecord { get }
}

extension BudgetRecord: Versioned {
    var stored: StoredRecord { .budget(self) }
}

extension KeyRecord: Versioned {
    var stored: StoredRecord { .key(self) }
}

extension ModelRecord: Versioned {
    var stored: StoredRecord { .model(self) }
}

extension ProviderRecord: Versioned {
    var stored: StoredRecord { .provider(self) }
}

extension TeamRecord: Versioned {
    var stored: StoredRecord { .team(self) }
}

extension UserRecord: Versioned {
    var stored: StoredRecord { .user(self) }
}
