import GatewayCore
import Testing

/// When a route cools down, and how it comes back.
@Suite struct RouteHealthTests {
    private let policy = RouteHealth.Policy(failures: 3, cooldown: 1000)

    private func failing(_ times: Int, at now: Int64 = 0) -> RouteHealth {
        var health = RouteHealth()
        for _ in 0..<times { health.end(.failed, wasProbe: health.begin(at: now), at: now, policy: policy) }
        return health
    }

    @Test func `Failures in a row start a cooldown, and no others do`() {
        #expect(failing(2).condition(at: 0) == .open)
        #expect(failing(3).condition(at: 0) == .coolingDown(until: 1000))
        var health = failing(2)
        health.end(.healthy, wasProbe: false, at: 0, policy: policy)
        #expect(health.isHealthy)
        health = failing(2)
        for _ in 0..<10 { health.end(.unknown, wasProbe: false, at: 0, policy: policy) }
        #expect(health.condition(at: 0) == .open)
        health.end(.failed, wasProbe: false, at: 5, policy: policy)
        #expect(health.condition(at: 5) == .coolingDown(until: 1005))
    }

    @Test func `After the cooldown one request probes the route, and the others wait for its result`() {
        var health = failing(3)
        #expect(health.condition(at: 999) == .coolingDown(until: 1000))
        #expect(health.condition(at: 1000) == .probing)
        let isProbe = health.begin(at: 1000)
        #expect(isProbe)
        #expect(health.condition(at: 1001) == .coolingDown(until: 1000))
        let isSecondProbe = health.begin(at: 1001)
        #expect(!isSecondProbe)
        var well = health
        well.end(.healthy, wasProbe: true, at: 1500, policy: policy)
        #expect(well.isHealthy && well.condition(at: 1500) == .open)
        var ill = health
        ill.end(.failed, wasProbe: true, at: 1500, policy: policy)
        #expect(ill.condition(at: 1500) == .coolingDown(until: 2500))
        var undecided = health
        undecided.end(.unknown, wasProbe: true, at: 1500, policy: policy)
        #expect(undecided.condition(at: 1500) == .probing)
    }

    @Test func `Failures of one owner's requests take the route from that owner alone`() {
        let (blue, red) = (KeyOwner.team("blue"), KeyOwner.team("red"))
        var health = RouteHealth()
        for _ in 0..<3 { health.end(.failed, of: blue, wasProbe: false, at: 0, policy: policy) }
        #expect(health.condition(at: 0, for: blue) == .coolingDown(until: 1000))
        #expect(health.condition(at: 0, for: red) == .open)
        var proven = health
        proven.end(.healthy, of: red, wasProbe: false, at: 5, policy: policy)
        #expect(proven.condition(at: 5, for: blue) == .coolingDown(until: 1000), "its bodies still fail")
        health.end(.failed, of: red, wasProbe: false, at: 5, policy: policy)
        #expect(health.condition(at: 5, for: .team("green")) == .coolingDown(until: 1005), "it is the route")

        var limited = RouteHealth()
        limited.end(.limited(500), of: blue, wasProbe: false, at: 0, policy: policy)
        #expect(limited.condition(at: 0, for: red) == .open)
        limited.end(.limited(400), of: red, wasProbe: false, at: 0, policy: policy)
        #expect(limited.condition(at: 0, for: .team("green")) == .coolingDown(until: 500))

        var unreachable = RouteHealth()
        for _ in 0..<3 { unreachable.end(.failed, wasProbe: false, at: 0, policy: policy) }
        #expect(unreachable.condition(at: 0, for: red) == .coolingDown(until: 1000), "no request causes that")
    }

    @Test func `No cooldown is longer than an hour`() {
        var health = RouteHealth()
        health.end(.limited(.max), wasProbe: false, at: 100, policy: policy)
        #expect(health.condition(at: 100) == .coolingDown(until: 100 + RouteHealth.maxCooldown))
    }

    @Test func `A rate limit starts a cooldown of the time that it says`() {
        var health = RouteHealth()
        health.end(.limited(50), wasProbe: false, at: 100, policy: policy)
        #expect(health.condition(at: 149) == .coolingDown(until: 150))
        #expect(health.condition(at: 150) == .probing)
        health.end(.limited(nil), wasProbe: false, at: 100, policy: policy)
        #expect(health.condition(at: 150) == .coolingDown(until: 1100))
        health.end(.limited(10), wasProbe: false, at: 200, policy: policy)
        #expect(health.condition(at: 300) == .coolingDown(until: 1100), "a shorter cooldown does not end a longer one")
    }

    @Test func `An attempt that began before the cooldown does not end it`() {
        var health = failing(3)
        health.end(.healthy, wasProbe: false, at: 10, policy: policy)
        #expect(health.condition(at: 10) == .coolingDown(until: 1000))
    }
}
