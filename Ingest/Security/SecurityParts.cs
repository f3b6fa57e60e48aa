using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Security.Enrolment;

namespace Telemetry.Ingest.Security;

/// <summary>The parts that security adds to the service, as far as it is configured. What is missing stands for open mode.</summary>
public sealed class SecurityParts : BackgroundService
{
    private readonly List<Func<CancellationToken, Task>> _watches = [];
    private readonly PasswordChecks _checks = new();

    // Connections of HTTP: a page has one or six, and all of them may come through one proxy's address.
    private const int MaxHttp = 2000;

    // A station is one device, and has one connection; descriptors are shared with MQTT, HTTP and the log.
    private const int MaxHj212 = 10_000;

    public SecurityParts(SecurityOptions options, LoginFailures failures, ForeignTopics foreign, GatewayRates rates, TimeProvider time, ILoggerFactory loggers, SharedLists? shared = null)
    {
        var logger = loggers.CreateLogger<SecurityParts>();
        Gate = new ConnectionGate(options.Limits, time, logger);
        Hj212Gate = new ConnectionGate(new GatewayLimits { Total = MaxHj212, StrangersPerAddress = options.Limits.StrangersPerAddress }, time, logger);
        HttpGate = new ConnectionGate(new GatewayLimits { Total = MaxHttp, StrangersPerAddress = int.MaxValue }, time, logger);
        if (options.HasUsers)
        {
            var file = options.UsersFile is { } usersFile ? Watch([usersFile], () => UserFile.Read(usersFile), options.Users) : null;
            Users = new UserTokens(file, options.AccountsPath is { } accounts ? new Accounts(accounts, time, shared) : null, time);
            Sessions = new Sessions(Users, time, shared?.Sessions);
            Passwords = new PasswordLogins(Users, failures, time);
            if (shared is not null)
                _watches.Add(shared.Sessions.FollowAsync);
            if (shared is not null && Users.Accounts is not null)
                _watches.Add(shared.People.FollowAsync);
        }
        if (options.ClientAuthority is { } authority)
        {
            var file = Watch(authority.Files.All, () => ClientAuthorityReader.Read(authority.Files, time), authority.First);
            ClientAuthorities = () => file.Current;
        }
        if (options.GatewaysFile is { } gatewaysFile)
        {
            var gateways = Watch([gatewaysFile], () => GatewayFile.Read(gatewaysFile), options.Gateways);
            if (options.EnrolmentAuthority is { } issuer)
                Enrolment = new GatewayEnrolment(issuer, new EnrolmentBook(options.EnrolmentBook!), () => gateways.Current, failures, time, loggers.CreateLogger<GatewayEnrolment>());
            Mqtt = new MqttLogins(gateways, Users, _checks, failures, foreign, ClientAuthorities, rates, options.Limits, time);
        }
        MqttCertificate = Certificate(options.MqttCertificate);
        HttpCertificate = Certificate(options.HttpCertificate);
        if (options.NodeCertificate is { } node)
        {
            var file = Watch(node.Files.All, () => Security.NodeCertificate.Read(node.Files, time), node.First);
            NodeCertificate = () => file.Current;
        }

        WatchedFile<T> Watch<T>(IReadOnlyList<string> files, Func<(T?, IReadOnlyList<string>)> read, T first)
            where T : class
        {
            var file = new WatchedFile<T>(files, read, first, time, logger);
            _watches.Add(file.RunAsync);
            return file;
        }

        Func<ServerCertificate>? Certificate((CertificateFiles Files, ServerCertificate First)? configured)
        {
            if (configured is not { } certificate)
                return null;
            var file = Watch(certificate.Files.All, () => CertificateReader.Read(certificate.Files, time), certificate.First);
            return () => file.Current;
        }
    }

    /// <summary>Before the MQTT ports.</summary>
    public ConnectionGate Gate { get; }

    /// <summary>Before the port of HJ 212.</summary>
    public ConnectionGate Hj212Gate { get; }

    /// <summary>Before the HTTP port.</summary>
    public ConnectionGate HttpGate { get; }

    /// <summary>Null in open mode.</summary>
    public MqttLogins? Mqtt { get; }

    /// <summary>Those now in force; null where no gateway logs in by certificate.</summary>
    public Func<ClientAuthorities>? ClientAuthorities { get; }

    /// <summary>Null where the service issues no certificates.</summary>
    public GatewayEnrolment? Enrolment { get; }

    /// <summary>Null in open mode.</summary>
    public UserTokens? Users { get; }

    /// <summary>Null in open mode.</summary>
    public Sessions? Sessions { get; }

    /// <summary>Null in open mode.</summary>
    public PasswordLogins? Passwords { get; }

    /// <summary>The certificate now in force; null without TLS.</summary>
    public Func<ServerCertificate>? MqttCertificate { get; }

    /// <summary>The certificate now in force; null without TLS.</summary>
    public Func<ServerCertificate>? HttpCertificate { get; }

    /// <summary>The certificate now in force; null without TLS between nodes.</summary>
    public Func<NodeCertificate>? NodeCertificate { get; }

    public static void Add(IServiceCollection services, SecurityOptions options)
    {
        services.AddSingleton(options);
        if (options.Oidc is { } oidc)
            Api.OidcLogin.Add(services, oidc);
        services.AddSingleton<LoginFailures>();
        services.AddSingleton<ForeignTopics>();
        services.AddSingleton<GatewayRates>();
        services.AddSingleton<TlsEndpoint>();
        services.AddSingleton<SecurityParts>();
        services.AddHostedService(provider => provider.GetRequiredService<SecurityParts>());
    }

    /// <summary>Where the nodes share them: whose accounts are locked by now is known before anybody is let in, if PostgreSQL answers.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Users?.Accounts?.RefreshAsync(isFirst: true) ?? Task.CompletedTask, Sessions?.RefreshAsync(isFirst: true) ?? Task.CompletedTask);
        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _checks.Dispose();
        Passwords?.Dispose();
        Users?.Accounts?.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_watches.Select(watch => watch(stoppingToken)));
}
