import GatewayCore

/// Resolves references to their values.
struct ReferenceResolver {
    /// Why a reference has no value, for the operator: `OPENAI_API_KEY is not set`.
    struct Unresolved: Error {
        let reason: String
    }

    let environment: [String: String]
    let readFile: (String) throws -> String

    /// White space at the ends of a variable or a file is no part of the value: editors, shells and secret stores add
    /// line feeds. An empty value counts as unset: compose files and CI turn unset variables into empty ones.
    func resolve(_ reference: ValueReference) throws(Unresolved) -> Secret {
        switch reference {
        case .environment(let name):
            guard let value = environment[name]?.trimmed else { throw Unresolved(reason: "\(name) is not set") }
            guard !value.isEmpty else { throw Unresolved(reason: "\(name) is empty") }
            return Secret(value)
        case .file(let path):
            let value = try text(of: path).trimmed
            guard !value.isEmpty else { throw Unresolved(reason: "the file \(path) is empty") }
            return Secret(value)
        case .literal(let value):
            guard !value.isEmpty else { throw Unresolved(reason: "the value after \"literal.\" is empty") }
            return value
        }
    }

    private func text(of path: String) throws(Unresolved) -> String {
        do {
            return try readFile(path)
        } catch let failure as FileText.Failure where failure.isTimeout {
            throw Unresolved(reason: "the file \(path) \(failure.hint)")
        } catch {
            throw Unresolved(reason: "the file \(path) cannot be read")
        }
    }
}
