import DataPlane
import Foundation
import GatewayCore
import Logging
import Store

/// Sends this gateway's heartbeat to the others.
struct Heartbeat: Sendable {
    private static let interval = Duration.seconds(10)
    /// A gateway without a heartbeat for longer does not count as running.
    private static let silence: Int64 = 60_000_000

    let replicas: ReplicaStore
    let runtime: GatewayRuntime
    let readiness: Readiness
    let logger: Logger
    let id: String

    /// Sends heartbeats until the task is cancelled, and then reports the stop.
    func run() async {
        var others: Set<String> = []
        while !Task.isCancelled {
            // The watch logs why the database is unreachable.
            try? await sendHeartbeat(readiness.isDraining ? .draining : .serving)
            if let found = try? await othersWithAnotherFile(), found != others {
                if !found.subtracting(others).isEmpty {
                    logger.warning(
                        "Gateways with another configuration file use this database; the file that was loaded last is in effect.",
                        metadata: ["gateways": "\(found.sorted().joined(separator: ", "))"])
                }
                others = found
            }
            try? await Task.sleep(for: Self.interval)  // reason: the interval of heartbeats; cancelling ends it
        }
        // A new task, because this one is cancelled.
        await Task { try? await sendHeartbeat(.stopped) }.value  // reason: the last report of a cancelled task
    }

    private func sendHeartbeat(_ status: ReplicaStatus) async throws {
        try await replicas.sendHeartbeat(await description, status: status)
    }

    private func othersWithAnotherFile() async throws -> Set<String> {
        let mine = await description
        let others = try await replicas.list().filter { other in
            other.description.id != mine.id && other.status == .serving && other.silentFor < Self.silence
                && other.description.configurationHash != mine.configurationHash
        }
        return Set(others.map { "\($0.description.host):\($0.description.processID)" })
    }

    private var description: ReplicaDescription {
        get async {
            ReplicaDescription(
                id: id, host: ProcessInfo.processInfo.hostName,
                processID: Int64(ProcessInfo.processInfo.processIdentifier),
                gatewayVersion: GatewayVersion.current, configurationHash: await runtime.configurationHash)
        }
    }
}
