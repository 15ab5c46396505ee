import Provisioning

/// What seeding did, in the output of commands.
struct SeedView: Codable {
    /// The actions on one subject, with the names.
    struct Subject: Codable {
        let name: String
        let created: [String]
        let replaced: [String]
        let updated: [String]
        let retired: [String]
        let released: [String]
        let stillRevoked: [String]
        let unlisted: [String]
        let unchanged: Int

        enum CodingKeys: String, CodingKey {
            case name, created, replaced, updated, retired, released, unlisted, unchanged
            case stillRevoked = "still_revoked"
        }
    }

    let changed: Bool
    let subjects: [Subject]

    init(_ report: SeedReport) {
        changed = report.isChanged
        subjects = report.subjects.filter { !$0.outcome.isEmpty }.map { name, outcome in
            Subject(
                name: name, created: outcome.created, replaced: outcome.replaced, updated: outcome.updated,
                retired: outcome.retired, released: outcome.released, stillRevoked: outcome.stillRevoked,
                unlisted: outcome.unlisted, unchanged: outcome.unchanged.count)
        }
    }

    /// Prints it on the terminal, a line per subject.
    func print() {
        if subjects.isEmpty { Terminal.print("The configuration lists nothing.") }
        for subject in subjects { Terminal.print("\(subject.name): \(subject.words)") }
    }
}

extension SeedView.Subject {
    /// `2 created (a, b), 3 unchanged`
    var words: String {
        let lists = [
            ("created", created), ("replaced", replaced), ("updated", updated), ("retired", retired),
            ("handed to the control plane", released), ("still revoked; give them new values", stillRevoked),
            ("no longer listed, and still valid", unlisted),
        ]
        let parts = lists.filter { !$0.1.isEmpty }.map { "\($1.count) \($0) (\($1.joined(separator: ", ")))" }
        return (parts + (unchanged > 0 ? ["\(unchanged) unchanged"] : [])).joined(separator: ", ")
    }
}
