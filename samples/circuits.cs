#:project ../src/Interp/Interp.csproj
#:package Spectre.Console

// Which edges between heads, MLPs, input and logits do the work, and how few are enough?
//
//   dotnet run samples/circuits.cs
//       the bundled induction model, and a story model's pronouns where it lies beside the checkout (../shared/models/stories260K)
//   --out FOLDER   where the figures go (./out/circuits)
using Interp;
using Spectre.Console;

if (args.Length is not 0 and not 2 || (args.Length == 2 && args[0] != "--out"))
    return Fail($"Cannot read '{string.Join(' ', args)}': the one option is --out FOLDER.");

AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 120);
try
{
    var folder = Directory.CreateDirectory(args.Length == 2 ? args[1] : Path.Combine("out", "circuits")).FullName;
    using (var induction = Models.Load("induction-2l"))
    {
        Study("induction", induction.Contrast(InductionOrganism.Task.Prompts(8, seed: 5)), edges: 30, threshold: 0.05, folder);
    }
    var beside = Path.Combine("..", "shared", "models", "stories260K");
    if (Directory.Exists(beside))
    {
        using var stories = Models.Load(beside);
        var metric = Metric.LogitDifference(stories.SingleToken(" She"), stories.SingleToken(" He"));
        Study("pronouns", stories.Contrast(["Mia went to the park.", "Sue went to the park."], ["Max went to the park.", "Leo went to the park."], metric), edges: 60, threshold: null, folder);
    }
    else
        Console.WriteLine("The pronouns of a story model would follow: put it beside the checkout, ../shared/models/stories260K.");
    Console.WriteLine($"Figures and circuits: {folder}");
    return 0;
}
catch (Exception error) when (error is ArgumentException or IOException or InvalidDataException or InvalidOperationException)
{
    return Fail(error.Message);
}

// threshold: of ACDC, which runs the model once for each edge; null leaves it out.
static void Study(string name, Contrast study, int edges, double? threshold, string folder)
{
    Console.WriteLine($"\n{study.Model}\n{study.Clean.Batch} pairs, {study.Metric}: clean {study.CleanMetric().Average():+0.00;-0.00}, corrupted {study.CorruptedMetric().Average():+0.00;-0.00}");

    // Every edge by gradients along the way from one prompt to the other, and by patching it alone.
    var (scores, exact) = (study.Edges(Method.EapIg(10)), study.Edges(Method.Exact));
    Console.WriteLine($"EAP-IG against exact edges: {exact.Compare(scores, topK: 20)}");

    // Circuits of one size, by each way to find them.
    var table = new Table { Title = new TableTitle($"{name}: circuits") }.Border(TableBorder.Simple).AddColumns("found by", "edges", "faithfulness", "incompleteness", "zero ablation");
    List<Circuit> circuits = [scores.Greedy(edges).Pruned(), exact.Greedy(edges).Pruned()];
    if (threshold is { } tau)
        circuits.Add(study.FindByAcdc(tau).Circuit.Pruned());
    foreach (var found in circuits)
        table.AddRow(Markup.Escape(found.Method), $"{found.Count} of {found.Graph.EdgeCount}", $"{found.Faithfulness():f2}", $"{found.Incompleteness():f2}", $"{found.Faithfulness(CircuitAblation.Zero):f2}");
    AnsiConsole.Write(table);
    Console.WriteLine($"EAP-IG and exact: {circuits[0].OverlapTest(circuits[1], permutations: 1000)}");

    // How few are enough? Areas under the curve sum it up.
    double[] shares = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
    var (byGradient, byPatching) = (scores.Curve(greedy: true, shares: shares), exact.Curve(greedy: true, shares: shares));
    Console.WriteLine($"EAP-IG greedy: {byGradient}\nexact greedy:  {byPatching}");
    Save(new[] { Line("EAP-IG", byGradient), Line("exact", byPatching) }.LinePlot($"{name}: faithfulness of circuits", "% of edges", "faithfulness"), "faithfulness");

    // What each node of the circuit is worth.
    Console.WriteLine("What the circuit loses without a node:");
    foreach (var node in circuits[0].Minimality().Top(5))
        Console.WriteLine($"  {node.Labels[0],-8} {node.Value,7:f2}");
    circuits[0].Save(Path.Combine(folder, $"{name}.json"));
    Save(circuits[0].Draw(), "circuit");

    void Save(Figure figure, string what) => figure.Save(Path.Combine(folder, $"{name}-{what}.html"));
}

static Series Line(string name, FaithfulnessCurve curve) => new(name, [.. curve.Shares.Select(s => 100 * s)], curve.Faithfulness.Values.ToArray());

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
