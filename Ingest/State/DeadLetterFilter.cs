using System.Globalization;
using System.Text;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.State;

/// <summary>Which dead letters; null fields don't filter. Times: when the message was received, [From, To), Unix ms.</summary>
public sealed record DeadLetterFilter
{
    public string? Reason { get; init; }

    /// <summary>Ids of devices or wire ids, any of them, in upper or lower case.</summary>
    public IReadOnlyList<string>? Senders { get; init; }

    /// <summary>Judges a letter by its sender; null for all.</summary>
    public Func<string?, bool>? Sees { get; init; }

    /// <summary>Exactly this one, or with <c>/#</c> at its end all beneath.</summary>
    public string? Topic { get; init; }

    public long? From { get; init; }

    public long? To { get; init; }

    /// <summary>Those of which nothing is left to decode, or the others.</summary>
    public bool? Redecoded { get; init; }

    /// <summary>The condition behind WHERE, with its parameters. With <see cref="Sees"/> it calls <see cref="StateReader.SeesSender"/>.</summary>
    internal (string Sql, List<(string Name, object Value)> Parameters) ToSql()
    {
        var sql = new StringBuilder("1 = 1");
        var parameters = new List<(string, object)>();
        Add("reason = $reason", "$reason", Reason);
        if (Senders is not null)
        {
            for (var i = 0; i < Senders.Count; i++)
                parameters.Add((string.Create(CultureInfo.InvariantCulture, $"$sender{i}"), Senders[i]));
            sql.Append(CultureInfo.InvariantCulture, $" AND sender IN ({string.Join(", ", parameters.Where(each => each.Item1.StartsWith("$sender", StringComparison.Ordinal)).Select(each => each.Item1))})");
        }
        if (Sees is not null)
            sql.Append(CultureInfo.InvariantCulture, $" AND {StateReader.SeesSender}(sender)");
        if (Topic?.EndsWith("/#", StringComparison.Ordinal) == true)
            Add("substr(topic, 1, length($topic)) = $topic", "$topic", Topic[..^1]);
        else
            Add("topic = $topic", "$topic", Topic);
        Add("time >= $from", "$from", From);
        Add("time < $to", "$to", To);
        if (Redecoded is { } redecoded)
            sql.Append(redecoded ? " AND redecoded_at IS NOT NULL" : " AND redecoded_at IS NULL");
        return (sql.ToString(), parameters);

        void Add(string condition, string name, object? value)
        {
            if (value is null)
                return;
            sql.Append(" AND ").Append(condition);
            parameters.Add((name, value));
        }
    }
}

/// <param name="Letter">Its reason and detail are those of the last try.</param>
/// <param name="Sender">Device or wire id, where the letter says it.</param>
/// <param name="RedecodedAt">Unix ms; null while something of it is left to decode.</param>
/// <param name="Readings">What it has given so far.</param>
public sealed record KeptLetter(DeadLetterEntry Letter, string? Sender, long? RedecodedAt, long Readings);

/// <param name="Redecoded">Those of which nothing is left to decode.</param>
/// <param name="Oldest">Received, Unix ms.</param>
/// <param name="Newest">Received, Unix ms.</param>
public sealed record DeadLetterCount(string Reason, long Count, long Redecoded, long Oldest, long Newest);

/// <param name="Topic">Of its last message.</param>
/// <param name="FirstSeen">Unix ms.</param>
/// <param name="LastSeen">Unix ms.</param>
/// <param name="Count">Dead letters.</param>
public sealed record UnknownDevice(string WireId, string Format, string Topic, long FirstSeen, long LastSeen, long Count, string LastDetail);
