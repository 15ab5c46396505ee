import Logging
import ServiceLifecycle
import UnixSignals

/// Reloads the configuration at SIGHUP, as daemons do.
struct ReloadOnHangUp: Service {
    let runtime: GatewayRuntime
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                do {
                    (try await runtime.reload()).log(to: logger)
                } catch {
                    logger.error(
                        "The configuration cannot be reloaded; what was before goes on.",
                        metadata: ["error": "\(OperatorMessage(error))"])
                }
            }
        }
    }
}

extension ReloadReport {
    /// Says it where the operator looks.
    func log(to logger: Logger) {
        for warning in warnings { logger.warning("\(warning)") }
        var metadata: Logger.Metadata = ["configuration": "\(configurationHash.prefix(12))"]
        for subject in seeded.subjects { metadata[subject.name] = "\(subject.words)" }
        if !needRestart.isEmpty { metadata["need_restart"] = "\(needRestart.joined(separator: ", "))" }
        logger.notice(
            "Reloaded; file. references were read anew, env. ones stay as at the start.", metadata: metadata)
    }
}
