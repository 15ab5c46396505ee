import GatewayCore

/// The state shared while a document is read: the issues found so far, the declared names, and the references' values.
final class ReadContext {
    let file: String
    let resolver: ReferenceResolver
    private(set) var errors: [ConfigurationIssue] = []
    private(set) var warnings: [ConfigurationIssue] = []
    private var declared: [NameKind: [String: Place]] = [:]
    private var mentions: [Mention] = []
    /// The `literal.` secrets of this document, by their paths.
    private(set) var literals: [String: Secret] = [:]
    /// The values of masked secrets, by path.
    private let substitutes: (String) -> Secret?

    /// - Parameter substitutes: returns the secret that was masked at a path when the document was stored.
    init(file: String, resolver: ReferenceResolver, substitutes: @escaping (String) -> Secret? = { _ in nil }) {
        self.file = file
        self.resolver = resolver
        self.substitutes = substitutes
    }

    /// The value of the secret at `path`.
    func resolve(_ reference: ValueReference, at path: String) throws(ReferenceResolver.Unresolved) -> Secret {
        guard case .literal(let secret) = reference else { return try resolver.resolve(reference) }
        return try literal(try resolver.resolve(.literal(secret)), at: path)
    }

    /// The `literal.` secret at `path`.
    func literal(_ secret: Secret, at path: String) throws(ReferenceResolver.Unresolved) -> Secret {
        guard secret.reveal() == Secret.mask else {
            literals[path] = secret
            return secret
        }
        guard let substitute = substitutes(path) else {
            throw ReferenceResolver.Unresolved(
                reason: "its value is in the file of another gateway; write it there as env.NAME or file./path")
        }
        return substitute
    }

    func error(at place: Place, _ message: String) {
        errors.append(ConfigurationIssue(file: file, position: place.position, path: place.path, message: message))
    }

    func warning(at place: Place, _ message: String) {
        warnings.append(ConfigurationIssue(file: file, position: place.position, path: place.path, message: message))
    }

    /// Records that the document declares `name`; a second declaration is an error.
    func declare(_ kind: NameKind, _ name: String, at place: Place) {
        if let first = declared[kind]?[name] {
            let firstPlace = first.position.map { "on line \($0.line)" } ?? first.path
            error(at: place, "\"\(name)\" is declared twice; the first is \(firstPlace)")
        } else {
            declared[kind, default: [:]][name] = place
        }
    }

    /// Records that the document mentions `name`, which may be declared later.
    func mention(_ kind: NameKind, _ name: String, at place: Place) {
        mentions.append(Mention(kind: kind, name: name, place: place))
    }

    func isDeclared(_ kind: NameKind, _ name: String) -> Bool {
        declared[kind]?[name] != nil || kind.builtIn == name
    }

    /// Checks that every mentioned name is declared. Call this after reading everything.
    func checkMentions() {
        for mention in mentions where !isDeclared(mention.kind, mention.name) {
            let names = declared[mention.kind, default: [:]].keys.sorted()
            let hint = NearestName.hint(mention.name, among: names)
            let noun = mention.kind.rawValue
            error(at: mention.place, "there is no \(noun) \"\(mention.name)\" in \(mention.kind.section)\(hint)")
        }
    }

    private struct Mention {
        let kind: NameKind
        let name: String
        let place: Place
    }
}

/// A place in the text, if an operator wrote one, and in the document's structure.
struct Place: Hashable {
    let position: Position?
    let path: String
}

/// A value with its place, for the rules that concern several sections.
struct Located<Value> {
    let value: Value
    let place: Place
}

/// What the document declares and refers to by name.
enum NameKind: String {
    case provider, model, team, user
    case oidcProvider = "OIDC provider"
    case seedKey = "seeded key"
    case publicID = "public id"

    /// The section that declares it.
    var section: String {
        switch self {
        case .provider: "providers"
        case .model: "models"
        case .team: "teams"
        case .user: "users"
        case .oidcProvider: "auth.oidc"
        case .seedKey, .publicID: "auth.seed_api_keys"
        }
    }

    /// A name that is valid without a declaration.
    var builtIn: String? {
        self == .team ? ReservedNames.team : nil
    }
}
