using System.Globalization;
using System.Text;
using Telemetry.Ingest.Alarms;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.State;

/// <summary>An alarm filter as SQL. Means what <see cref="AlarmFilter.Matches"/> means.</summary>
internal static class AlarmQuery
{
    public static (string Sql, (string Name, object Value)[] Parameters) Of(AlarmFilter filter)
    {
        var sql = new StringBuilder("SELECT json FROM alarms WHERE 1 = 1");
        var parameters = new List<(string, object)>();
        if (filter.States() is var states && states.Count < Enum.GetValues<AlarmState>().Length)
            sql.Append(CultureInfo.InvariantCulture, $" AND state IN ({string.Join(',', states.Select(state => $"'{AlarmJson.Name(state)}'"))})");
        if (!filter.Retracted)
            sql.Append(" AND (state <> 'normal' OR json_extract(json, '$.retractedAt') IS NULL)");
        Add("kind = $kind", "$kind", filter.Kind);
        Add("severity = $severity", "$severity", filter.Severity);
        Add("family = $family", "$family", filter.Family);
        Add("district = $district", "$district", filter.District);
        Add("device = $device", "$device", filter.Device);
        Add("(cleared_at IS NULL OR cleared_at >= $from)", "$from", filter.From);
        Add("raised_at < $to", "$to", filter.To);
        AddNames("district", filter.Scope.Districts);
        AddNames("family", filter.Scope.Families);
        if (filter.After is not null)
        {
            var after = AlarmCursor.Parse(filter.After);
            Add("raised_at <= $after", "$after", after.RaisedAt);
            Add("(raised_at < $after OR id > $after_id)", "$after_id", after.Id);
        }
        sql.Append(" ORDER BY raised_at DESC, id");
        if (filter.Limit is { } limit)
            sql.Append(CultureInfo.InvariantCulture, $" LIMIT {limit}");
        return (sql.ToString(), parameters.ToArray());

        void AddNames(string column, IReadOnlyList<string>? names)
        {
            if (names is null)
                return;
            sql.Append(CultureInfo.InvariantCulture, $" AND {column} IN ({string.Join(", ", names.Select((_, index) => $"$scope_{column}_{index}"))})");
            parameters.AddRange(names.Select((name, index) => ($"$scope_{column}_{index}", (object)name)));
        }

        void Add(string condition, string name, object? value)
        {
            if (value is null)
                return;
            sql.Append(" AND ").Append(condition);
            parameters.Add((name, value));
        }
    }
}
