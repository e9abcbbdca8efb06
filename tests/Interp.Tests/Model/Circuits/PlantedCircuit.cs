namespace Interp.Tests.Model.Circuits;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A model with integer weights in which one circuit is known, edge for edge, among idle parts that carry the same information.</summary>
/// <remarks>
/// The stream: 0 what token it is (A is 1, B is -1), 1 the same of the token before, 2 the MLP's flag, 3-5 the position, 6 copies that nobody
/// reads on, 7 the answer. a0.h0 attends to the position before and moves 0 to 1; m0 writes relu(1) three times to 2; at the last position
/// a1.h0 looks for flags (keys) and moves them to 7 (values); the logits read 7. a0.h1, m0's second neuron, a1.h1 and m1 copy into 6.
/// </remarks>
internal static class PlantedCircuit
{
    public static string[] Edges { get; } = ["input->a0.h0<v>", "a0.h0->m0", "m0->a1.h0<k>", "m0->a1.h0<v>", "a1.h0->logits"];

    public static Contrast Study(HookedTransformer model) =>
        model.Contrast(RunInput.Of([[0, 2, 3]]), RunInput.Of([[1, 2, 3]]), Metric.LogitDifference(0, 1));

    public static HookedTransformer Model()
    {
        var config = new TransformerConfig
        {
            ModelName = "planted", Layers = 2, DModel = 8, Heads = 2, DHead = 4, DMlp = 2, DVocab = 4, Context = 3,
            Norm = NormKind.None, Activation = Activation.Relu, Positions = PositionKind.Learned,
        };
        (int, int, int, double)[] none = [];
        using var scope = NewDisposeScope();
        var weights = new TransformerWeights
        {
            Embedding = Matrix(4, 8, (0, 0, 1), (1, 0, -1)),
            Positions = Matrix(3, 8, (0, 3, 1), (1, 4, 1), (2, 5, 1)),
            Blocks =
            [
                Block(
                    Heads(8, 4, (0, 3, 0, 6), (0, 4, 1, 6), (0, 5, 2, 6)), // a0.h0 asks for the position before ..
                    Heads(8, 4, (0, 3, 1, 6), (0, 4, 2, 6), (0, 5, 3, 6)), // .. by its key
                    Heads(8, 4, (0, 0, 0, 1), (1, 0, 0, 1)),
                    Heads(4, 8, (0, 0, 1, 1), (1, 0, 6, 1)), null,
                    Matrix(8, 2, (1, 0, 1), (6, 1, 1)), Matrix(2, 8, (0, 2, 3), (1, 6, 1))),
                Block(
                    Heads(8, 4, none), Heads(8, 4, (0, 2, 0, 1)), Heads(8, 4, (0, 2, 0, 1), (1, 6, 0, 1)),
                    Heads(4, 8, (0, 0, 7, 1), (1, 0, 6, 1)), Matrix(2, 4, (0, 0, 2)),
                    Matrix(8, 2, (6, 0, 1)), Matrix(2, 8, (0, 6, 1))),
            ],
            Unembedding = Matrix(8, 4, (7, 0, 1), (7, 1, -1)),
        };
        return HookedTransformer.Create(config, weights.Map(t => t.DetachFromDisposeScope()));
    }

    private static BlockWeights Block(Tensor wq, Tensor wk, Tensor wv, Tensor wo, Tensor? bq, Tensor into, Tensor outOf) => new()
    {
        Attention = AttentionWeights.FromHeads(wq, wk, wv, wo, bq),
        Mlp = new MlpWeights { In = into, Out = outOf },
    };

    private static Tensor Matrix(int rows, int columns, params (int Row, int Column, double Value)[] entries)
    {
        var values = new double[rows * columns];
        foreach (var (row, column, value) in entries)
            values[row * columns + column] = value;
        return tensor(values, [rows, columns]);
    }

    private static Tensor Heads(int rows, int columns, params (int Head, int Row, int Column, double Value)[] entries) => stack(
        Enumerable.Range(0, 2).Select(head => Matrix(rows, columns, [.. entries.Where(e => e.Head == head).Select(e => (e.Row, e.Column, e.Value))])), 0);
}
