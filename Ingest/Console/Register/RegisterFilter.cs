using System.Globalization;
using System.Text;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Register;

/// <summary>Which devices the register shows, as its address says it. Empty texts filter nothing.</summary>
/// <param name="Text">Words, all of which the device's id or place has.</param>
/// <param name="Page">From 1.</param>
public sealed record RegisterFilter(string Text, string Family, string District, string Gateway, string State, int Page)
{
    public const int PageSize = 50;

    public bool Matches(Device device) =>
        (Family.Length == 0 || device.Family == Family)
        && (District.Length == 0 || device.District == District)
        && (Gateway.Length == 0 || device.Gateway == Gateway)
        && (State.Length == 0 || device.State == State)
        && Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => Has(device.Id, word) || Has(device.Street, word) || Has(device.Address, word) || Has(device.District, word) || Has(device.Parent, word) || Has(device.Model, word) || device.Sensors.Keys.Any(wireId => Has(wireId, word)));

    /// <summary>Ascending by id.</summary>
    public IReadOnlyList<Device> Of(IEnumerable<Device> devices) => [.. devices.Where(Matches).OrderBy(device => device.Id, StringComparer.Ordinal)];

    public override string ToString()
    {
        var address = new StringBuilder("register");
        Add("q", Text);
        Add("family", Family);
        Add("district", District);
        Add("gateway", Gateway);
        Add("state", State);
        Add("page", Page > 1 ? Page.ToString(CultureInfo.InvariantCulture) : "");
        return address.ToString();

        void Add(string name, string value)
        {
            if (value.Length > 0)
                address.Append(address.Length == "register".Length ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }

    private static bool Has(string? text, string word) => text?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;
}
