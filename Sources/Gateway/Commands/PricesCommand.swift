import Accounting
import ArgumentParser
import ControlSocket
import DataPlane
import Egress
import Foundation
import GatewayConfig
import Logging
import Operations

struct PricesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices", abstract: "Show the price list, or fetch a newer one.",
        discussion: """
            Shows the list that gateways use: the one that was fetched into the database, or, where that is older or cannot be \
            read, the one that this release carries.
            """,
        subcommands: [List.self, Show.self, Refresh.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the providers, or the models of one, in dollars per million tokens.",
            discussion: "The provider ids are what `pricing_provider_id` takes.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The id of a provider in the price list, such as openai.") var provider: String?
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let list = await PricesCommand.list(global)
            let models = try provider.map { provider throws(CommandFailure) in try list.catalogue.known(provider) }
            if json { Terminal.printError("The list is that of \(list.source).") } else { Terminal.print(list.source) }
            guard let provider, let models else {
                if json { return try Terminal.printJSON(list.catalogue.providerIDs) }
                return list.catalogue.providerIDs.forEach { Terminal.print($0) }
            }
            let views = models.sorted { $0.key < $1.key }.map {
                PriceView(provider: provider, model: $0, $1, source: list.source)
            }
            if json { return try Terminal.printJSON(views) }
            Terminal.printTable([PriceView.columns] + views.map(\.cells))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a model costs, in dollars per million tokens, and the limits of its tokens.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The id of a provider in the price list, such as openai.") var provider: String
        @Argument(help: "The model as a route names it: its `upstream_model`.") var model: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let list = await PricesCommand.list(global)
            _ = try list.catalogue.known(provider)
            guard let (id, entry) = list.catalogue.entry(provider: provider, model: model) else {
                throw CommandFailure(
                    .usage, "The price list does not have the model \(model) of \(provider).",
                    hint: "`gateway prices list \(provider)` shows its models; a route can have its own `pricing`.")
            }
            let view = PriceView(provider: provider, model: id, entry, source: list.source)
            if json { return try Terminal.printJSON(view) }
            Terminal.print("\(provider) \(id), by \(list.source)")
            Terminal.printTable(view.rows)
        }
    }

    struct Refresh: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetch the price list now, and say what has changed.",
            discussion: """
                The running gateway does it; if none runs, this command writes the list and the prices of routes into the \
                database. Every gateway on that database follows within two seconds. On any error nothing changes.
                """)

        @OptionGroup var global: GlobalOptions
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let configuration = try Configuration.load(global).configuration
            let asked = try await askGateway(configuration)
            let view = if let asked { asked } else { try await refresh(configuration) }
            if json { try Terminal.printJSON(view) } else { view.print() }
        }

        /// Nil if no gateway is running here.
        private func askGateway(_ configuration: GatewayConfiguration) async throws -> PriceRefreshView? {
            let timeout = Duration.seconds(configuration.accounting.catalog.timeoutSeconds + 60)
            let client = ControlClient(path: configuration.server.controlSocket, timeout: timeout)
            do {
                switch try await client.send(.refreshPrices) {
                case .success(let view): return try view.decoded(as: PriceRefreshView.self)
                case .failure(let error): throw error
                }
            } catch ControlClientError.notListening {
                return nil
            }
        }

        private func refresh(_ configuration: GatewayConfiguration) async throws -> PriceRefreshView {
            let store = try await ConfiguredDatabase.openStore(configuration.database)
            let clients = HTTPClients(configuration.egress)
            let source = HTTPPriceList(configuration.accounting.catalog, clients: clients)
            let prices = PriceService(store, logger: .silent)
            let refresh: PriceRefresh
            do {
                refresh = try await prices.refresh(from: source, ifOlderThan: nil)
            } catch {
                await clients.shutdown()
                throw error
            }
            await clients.shutdown()
            _ = try await prices.prices(for: try await store.routing(file: configuration))
            return PriceRefreshView(refresh, source: source.name)
        }
    }

    /// The list that gateways on the configured database use; without one, that of the release.
    fileprivate static func list(_ global: GlobalOptions) async -> PriceList {
        do {
            let database = try Configuration.load(global).configuration.database
            // Opening would make the file.
            if database.isLocal, !FileManager.default.fileExists(atPath: database.path) { return .builtIn }
            let store = try await ConfiguredDatabase.openStore(database)
            return try await PriceService(store, logger: .silent).currentList()
        } catch {
            Terminal.printError("The database cannot be asked for a newer list, so this is that of the release.")
            return .builtIn
        }
    }
}

extension Logger {
    /// For commands, which say what went wrong themselves.
    static var silent: Logger { Logger(label: "prices") { _ in SwiftLogNoOpLogHandler() } }
}

extension PriceCatalogue {
    fileprivate func known(_ provider: String) throws(CommandFailure) -> [String: Entry] {
        guard let models = models(of: provider) else {
            throw CommandFailure(
                .usage, "The price list does not have the provider \(provider).",
                hint: "`gateway prices list` shows its providers.")
        }
        return models
    }
}
