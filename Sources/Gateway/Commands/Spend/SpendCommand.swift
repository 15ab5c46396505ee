import ArgumentParser

struct SpendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spend", abstract: "Report what was spent, and compare it with bills.",
        subcommands: [SpendReportCommand.self, SpendReconcileCommand.self])
}
