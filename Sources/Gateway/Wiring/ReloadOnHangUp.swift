import Logging
import Operations
import ServiceLifecycle
import UnixSignals

/// Reloads the configuration at SIGHUP, as daemons do.
struct ReloadOnHangUp: Service {
    let configuration: ConfigurationService
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                do {
                    log(try await configuration.reload())
                } catch {
                    logger.error(
                        "The configuration cannot be reloaded; the previous configuration stays in effect.",
                        metadata: ["error": "\(OperatorMessage(error))"])
                }
            }
        }
    }

    private func log(_ report: ReloadReport) {
        let view = ReloadView(report)
        for warning in view.warnings { logger.warning("\(warning)") }
        report.seeded.logNewerGeneration(to: logger)
        var metadata: Logger.Metadata = ["configuration": "\(view.configurationHash.prefix(12))"]
        for subject in view.seeded.subjects { metadata[subject.name] = "\(subject.words)" }
        if !view.needRestart.isEmpty { metadata["need_restart"] = "\(view.needRestart.joined(separator: ", "))" }
        logger.notice(
            "Reloaded; file. references were read again, env. ones stay as at the start.", metadata: metadata)
    }
}
