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
        let superseded: [String]
        let unlisted: [String]
        let unchanged: Int

        enum CodingKeys: String, CodingKey {
            case name, created, replaced, updated, retired, released, superseded, unlisted, unchanged
            case stillRevoked = "still_revoked"
        }
    }

    let changed: Bool
    /// The generation of the last seeding if it is newer than the file's: nothing was written then.
    let newerGeneration: Int64?
    let subjects: [Subject]

    enum CodingKeys: String, CodingKey {
        case changed, subjects
        case newerGeneration = "newer_generation"
    }

    init(_ report: SeedReport) {
        changed = report.isChanged
        newerGeneration = report.newerGeneration
        subjects = report.subjects.filter { !$0.outcome.isEmpty }.map { name, outcome in
            Subject(
                name: name, created: outcome.created, replaced: outcome.replaced, updated: outcome.updated,
                retired: outcome.retired, released: outcome.released, stillRevoked: outcome.stillRevoked,
                superseded: outcome.superseded, unlisted: outcome.unlisted, unchanged: outcome.unchanged.count)
        }
    }

    /// Prints it on the terminal, a line per subject.
    func print() {
        if let newerGeneration {
            return Terminal.print(
                "Nothing was written: a file with the newer auth.seed_generation \(newerGeneration) was seeded already."
            )
        }
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
            ("listed with a value that a newer one has replaced; not changed", superseded),
            ("no longer listed, and still valid", unlisted),
        ]
        let parts = lists.filter { !$0.1.isEmpty }.map { "\($1.count) \($0) (\($1.joined(separator: ", ")))" }
        return (parts + (unchanged > 0 ? ["\(unchanged) unchanged"] : [])).joined(separator: ", ")
    }
}
