// Which activations carry a behaviour: the pronoun after a name, patched part by part.
//   dotnet run samples/patching.cs                              stories260K where it lies beside the checkout, else the bundled model
//   dotnet run samples/patching.cs -- --bundled                 the bundled model in any case
//   dotnet run samples/patching.cs -- --out FOLDER
// Prints: the sweep of the residual stream, heads with intervals and nulls, roles in prompts of unequal length, causal tracing.
// Saves: stream.html, heads.html, roles.html, tracing.html in artifacts/patching.
#:project ../src/Interp/Interp.csproj
#:package Spectre.Console

using Interp;
using Spectre.Console;
using static Interp.Sites;

var shared = Path.Combine(Root(), "..", "shared", "models", "stories260K");
var output = args.SkipWhile(a => a != "--out").Skip(1).FirstOrDefault() ?? Path.Combine(Root(), "artifacts", "patching");
Directory.CreateDirectory(output);

if (args.Contains("--bundled") || !Directory.Exists(shared))
{
    Console.WriteLine("The bundled model continues repeated words; the pronoun task is for stories260K, read from ../shared/models/stories260K where that is there.");
    using var bundled = Models.Load("induction-2l");
    Induction(bundled);
    return;
}
using var model = Models.Load(shared);
var (she, he) = (model.SingleToken(" She"), model.SingleToken(" He"));

// Names whose sentence has equally many tokens; of each pair the first is a girl.
(string She, string He)[] pairs =
[
    ("Lily", "Tim"), ("Lily", "Timmy"), ("Mia", "Max"), ("Sara", "Bob"), ("Sue", "Leo"), ("Lisa", "Spot"), ("Amy", "Max"), ("Mary", "Bob"),
    ("Lucy", "Jack"), ("Jane", "Jack"), ("Anna", "John"), ("Emma", "John"),
];
var metric = Metric.LogitDifference(she, he);

// 1. Where along one sentence the pronoun is decided.
var lily = model.Contrast(Sentence("Lily"), Sentence("Tim"), metric);
var stream = lily.Patch(ResidPre.ByPosition());
Title("1. The residual stream, Lily into Tim", stream);
stream.Normalised.Print();
stream.Heatmap("Lily into Tim: residual stream before each layer").Save(Path.Combine(output, "stream.html"));

// 2. Which heads carry it, over all pairs. Pairs differ in length: prompts of one length share a batch by padding.
var all = model.On(pairs.Select(p => Prompt.Parse(Marked(p.She)))).Contrast(model.On(pairs.Select(p => Prompt.Parse(Marked(p.He)))), metric);
var heads = all.Patch(Z.ByHead());
Title($"2. Heads over {pairs.Length} pairs", heads);
var directions = all.NullOfDirections(Z.ByHead(), draws: 20);
var table = new Table().AddColumns("head", "change of logit difference", "95 % interval", "random directions as large");
foreach (var top in heads.Top(5))
{
    var cell = heads.Effect.Values.IndexOf(top.Value);
    table.AddRow($"{cell / model.Config.Heads}.{cell % model.Config.Heads}", $"{top.Value:f3}", $"{heads.Interval(cell)}".EscapeMarkup(), $"{directions.PValue(top.Value, cell):f2}");
}
AnsiConsole.Write(table);
var best = heads.Top(3).Select(t => heads.Effect.Values.IndexOf(t.Value)).Select(i => (Unit)Z[i / model.Config.Heads].Head(i % model.Config.Heads)).ToArray();
var three = all.Patch([new UnitSet("top three heads", best)]);
var random = all.NullOfUnits(Z.ByHead(), size: 3, draws: 100);
Console.WriteLine($"The top three together: {three.Effect.Values[0]:f3} {three.Interval(0)}; three random heads {random.Interval()}, as large in {random.PValue(three.Effect.Values[0]):p0}.");
heads.Heatmap($"Heads, {pairs.Length} pairs").Save(Path.Combine(output, "heads.html"));

// 3. Ben is two tokens and Lily one: aligned by role.
var ben = model.On([Prompt.Parse(Marked("Lily"))]).Contrast(model.On([Prompt.Parse(Marked("Ben"))]), metric);
var roles = ben.Patch(ResidPre.ByRole());
Title("3. Lily into Ben by role", roles);
roles.Normalised.Print();
roles.Heatmap("Lily into Ben: residual stream by role").Save(Path.Combine(output, "roles.html"));

// 4. Causal tracing: the name drowned in noise, restored by layer and class of token, in windows of three MLPs.
var traced = model.CausalTrace(Prompt.Parse("{subject:Lily} went to the park."), " She", samples: 20);
var restored = traced.Patch(MlpOut.ByPosition().Window(3));
Title("4. Causal tracing, windows of three MLPs", restored);
restored.Normalised.Print();
restored.Heatmap("Causal tracing: MLPs").Save(Path.Combine(output, "tracing.html"));
Console.WriteLine($"Figures are in {output}.");

string Sentence(string name) => $"{name} went to the park.";

string Marked(string name) => $"{{name:{name}}} went to the park.";

void Induction(HookedTransformer two)
{
    // "fox" and "ink" change places in the corrupted prompt, so that another word comes after "fox".
    var study = two.Contrast("owl fox sun oak map ink jar bee owl fox", "owl ink sun oak map fox jar bee owl fox", "sun", "jar");
    var effects = study.Patch(Z.ByHead());
    Title("1. Heads", effects);
    effects.Print();
    effects.Heatmap("Induction: heads").Save(Path.Combine(output, "heads.html"));
    var keys = study.Patch(K[1].ByHead().ByPosition());
    Title("2. Keys of the second layer, by head and position", keys);
    foreach (var top in keys.Top(5))
        Console.WriteLine($"  {top}");
    var random = study.NullOfUnits(Z.ByHead(), size: 1, draws: 100);
    Console.WriteLine($"A random head: {random.Interval()}; as large as the largest in {random.PValue(effects.Top(1)[0].Value):p0}.");
    Console.WriteLine($"Figures are in {output}.");
}

static void Title(string text, PatchResult result)
{
    AnsiConsole.WriteLine();
    AnsiConsole.Write(new Rule(text.EscapeMarkup()).LeftJustified());
    Console.WriteLine(result);
}

static string Root([System.Runtime.CompilerServices.CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, ".."));
