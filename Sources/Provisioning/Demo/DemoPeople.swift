import GatewayCore
import Store

/// A small company. Its addresses end in `.example`, which is reserved (RFC 2606).
enum DemoPeople {
    struct Person {
        let name: String
        let email: String
        let membership: Membership

        var definition: UserDefinition {
            UserDefinition(
                email: email, name: name, authMode: .password, oidcProviderKey: nil, globalRole: .user,
                isRequestLoggingEnabled: true, allowedModels: .all)
        }
    }

    static let teams = [
        TeamDefinition(key: "demo-research", name: "Research (demo)", allowedModels: .all),
        TeamDefinition(key: "demo-product", name: "Product (demo)", allowedModels: .all),
        TeamDefinition(key: "demo-support", name: "Support (demo)", allowedModels: .all),
    ]

    static let users = [
        person("Ada Osei", "ada.osei", "demo-research", .owner),
        person("Linus Berg", "linus.berg", "demo-research", .member),
        person("Mei Tanaka", "mei.tanaka", "demo-product", .admin),
        person("Tomás Rivera", "tomas.rivera", "demo-product", .member),
        person("Priya Nair", "priya.nair", "demo-support", .owner),
        person("Jonas Falk", "jonas.falk", "demo-support", .member),
    ]

    static let budgets = [
        budget(.team("demo-research"), .monthly, "400.00", isHard: true),
        budget(.team("demo-product"), .monthly, "150.00", isHard: true),
        budget(.team("demo-support"), .weekly, "25.00", isHard: false),
        budget(.user("linus.berg@demo.example"), .daily, "5.00", isHard: true),
    ]

    static let keys: [(name: String, owner: KeyOwner)] = [
        ("demo-notebooks", .team("demo-research")), ("demo-website", .team("demo-product")),
        ("demo-helpdesk", .team("demo-support")), ("demo-ada-laptop", .user("ada.osei@demo.example")),
        ("demo-mei-laptop", .user("mei.tanaka@demo.example")),
    ]

    private static func person(_ name: String, _ address: String, _ team: String, _ role: TeamRole) -> Person {
        Person(name: name, email: "\(address)@demo.example", membership: Membership(team: team, role: role))
    }

    private static func budget(
        _ scope: BudgetScope, _ cadence: BudgetCadence, _ amount: String, isHard: Bool
    ) -> BudgetDefinition {
        BudgetDefinition(
            scope: scope, cadence: cadence, amount: Money(decimal: amount) ?? .zero, isHardLimit: isHard,
            timeZone: "UTC")
    }
}
