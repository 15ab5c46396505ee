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
                    log(ReloadView(try await configuration.reload()))
                } catch {
                    logger.error(
                        "The configuration cannot be reloaded; the previous configuration stays in effect.",
                        metadata: ["error": "\(OperatorMessage(error))"])
                }
            }
        }
    }

    private func log(_ view: ReloadView) {
        for warning in view.warnings { logger.warning("\(warning)") }
        if let newer = view.seeded.newerGeneration {
            logger.warning(
                "Nothing was seeded: a newer file was seeded already. Give this gateway the newer file.",
                metadata: ["seed_generation": "\(newer)"])
        }
        var metadata: Logger.Metadata = ["configuration": "\(view.configurationHash.prefix(12))"]
        for subject in view.seeded.subjects { metadata[subject.name] = "\(subject.words)" }
        if !view.needRestart.isEmpty { metadata["need_restart"] = "\(view.needRestart.joined(separator: ", "))" }
        logger.notice(
            "Reloaded; file. references were read again, env. ones stay as at the start.", metadata: metadata)
    }
}
