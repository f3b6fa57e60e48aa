using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Telemetry.Benchmarks;

/// <summary>A flame graph of what <c>perf script</c> prints: width is the share of the processor's time, callers below, callees above. docs/speed.md says how it is recorded.</summary>
internal static partial class FlameGraph
{
    private const int Width = 1400, RowHeight = 16;

    // Narrower ones can neither be read nor be hit.
    private const double LeastShare = 0.001;

    /// <exception cref="InvalidDataException">No stack is in it.</exception>
    public static void Write(string perf, string svg)
    {
        var root = new Frame("all");
        foreach (var stack in Stacks(File.ReadLines(perf)))
            root.Add(stack);
        if (root.Samples == 0)
            throw new InvalidDataException($"{perf}: no stack; `perf script -F ip,sym,dso` prints them");
        File.WriteAllText(svg, Draw(root));
    }

    /// <summary>Outermost first, one for each sample; what only carries a continuation from thread to thread is left out.</summary>
    private static IEnumerable<List<string>> Stacks(IEnumerable<string> lines)
    {
        var stack = new List<string>();
        foreach (var line in lines.Append(""))
        {
            if (FrameLine().Match(line) is { Success: true } frame)
            {
                var name = Name(frame.Groups["symbol"].Value, frame.Groups["file"].Value);
                // Of a library without symbols every address is a frame.
                if (stack.LastOrDefault() != name && !Scaffold().IsMatch(name))
                    stack.Add(name);
            }
            else if (line.Length == 0 && stack.Count > 0)
            {
                stack.Reverse();
                yield return stack;
                stack = [];
            }
        }
    }

    private static string Name(string symbol, string file)
    {
        if (symbol == "[unknown]")
            return Path.GetFileName(file);
        var name = Noise().Replace(symbol, "");
        var method = name.IndexOf('(', StringComparison.Ordinal);
        name = method > 0 ? name[..method] : name;
        // Behind the return type.
        return name[(name.LastIndexOf(' ') + 1)..];
    }

    private static string Draw(Frame root)
    {
        var boxes = new StringBuilder();
        var deepest = 0;
        Place(root, 0, 0);
        var height = (deepest + 2) * RowHeight;
        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" font-family="monospace" font-size="11"><rect width="100%" height="100%" fill="white"/>
            <g transform="translate(0,{height - RowHeight})">
            {boxes}</g></svg>

            """);

        void Place(Frame frame, double left, int depth)
        {
            var share = (double)frame.Samples / root.Samples;
            if (share < LeastShare)
                return;
            deepest = Math.Max(deepest, depth);
            var (width, top, name) = (share * Width, -depth * RowHeight, WebUtility.HtmlEncode(frame.Name));
            boxes.Append(CultureInfo.InvariantCulture, $"<g><title>{name}, {share:P1}</title><rect x=\"{left:F1}\" y=\"{top}\" width=\"{width:F1}\" height=\"{RowHeight - 1}\" fill=\"{Color(frame.Name)}\"/>");
            var letters = (int)(width / 6.7) - 1;
            if (letters > 3)
                boxes.Append(CultureInfo.InvariantCulture, $"<text x=\"{left + 2:F1}\" y=\"{top + 11}\">{WebUtility.HtmlEncode(Shorten(frame.Name, letters))}</text>");
            boxes.Append("</g>\n");
            foreach (var callee in frame.Callees.OrderByDescending(callee => callee.Samples).ThenBy(callee => callee.Name, StringComparer.Ordinal))
            {
                Place(callee, left, depth + 1);
                left += (double)callee.Samples / root.Samples * Width;
            }
        }
    }

    private static string Color(string name) => name switch
    {
        _ when name.StartsWith("Telemetry.Rules", StringComparison.Ordinal) => "#a5d6a7",
        _ when name.StartsWith("Telemetry.", StringComparison.Ordinal) => "#ffcc80",
        _ when name.Contains("duckdb", StringComparison.OrdinalIgnoreCase) => "#fff59d",
        _ when name.Contains("coreclr", StringComparison.Ordinal) || name.Contains("clrjit", StringComparison.Ordinal) => "#ef9a9a",
        _ when name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal) => "#90caf9",
        _ => "#e0e0e0",
    };

    private static string Shorten(string name, int letters) => name.Length <= letters ? name : $"…{name[^(letters - 1)..]}";

    [GeneratedRegex(@"^\s+[0-9a-f]+ (?<symbol>.*) \((?<file>[^()]*)( \(deleted\))?\)$")]
    private static partial Regex FrameLine();

    [GeneratedRegex(@"\[[A-Za-z0-9_.]+\]|(?<=[\[,\s(])(valuetype|class|instance) |^(valuetype|class|instance) |\+0x[0-9a-f]+$")]
    private static partial Regex Noise();

    [GeneratedRegex("AsyncMethodBuilder|AsyncTaskMethodBuilder|AsyncStateMachineBox|ExecutionContext::|ThreadPoolWorkQueue|AwaitTaskContinuation|Task::RunContinuations|CancellationPromise|^start_thread|WorkerThread::|Task::TrySet|TimerQueue|^0x|VirtualDispatch|^\\[")]
    private static partial Regex Scaffold();

    private sealed class Frame(string name)
    {
        private readonly Dictionary<string, Frame> _callees = new(StringComparer.Ordinal);

        public string Name => name;

        public int Samples { get; private set; }

        public IEnumerable<Frame> Callees => _callees.Values;

        public void Add(List<string> stack)
        {
            var frame = this;
            frame.Samples++;
            foreach (var callee in stack)
            {
                if (!frame._callees.TryGetValue(callee, out var next))
                    frame._callees.Add(callee, next = new Frame(callee));
                frame = next;
                frame.Samples++;
            }
        }
    }
}
