namespace Interp.Tests.Model.Analysis;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Factored matrices and the circuits of heads agree with the products they stand for.</summary>
[Trait("Tier", "model")]
public sealed class FactoredMatrixTests
{
    [Theory]
    [InlineData(9, 3, 7)]
    [InlineData(3, 5, 4)]
    [InlineData(4, 4, 4)]
    [InlineData(2, 6, 9)]
    public void Svd_AnyShape_GivesTheProductBack(int row, int inner, int column)
    {
        using var scope = NewDisposeScope();
        using var matrix = Random(row, inner, column);
        var (u, s, v) = matrix.Svd();
        var k = Math.Min(row, Math.Min(inner, column));
        s.shape.ShouldBe([2, k]);
        Same(u * s.unsqueeze(-2), matrix.Product().matmul(v), 1e-12);
        Same((u * s.unsqueeze(-2)).matmul(v.transpose(-2, -1)), matrix.Product(), 1e-12);
        Same(u.transpose(-2, -1).matmul(u), eye(k, dtype: ScalarType.Float64).expand(2, k, k), 1e-12);
        Same(v.transpose(-2, -1).matmul(v), eye(k, dtype: ScalarType.Float64).expand(2, k, k), 1e-12);
        var values = matrix.SingularValues();
        for (var i = 0; i < 2; i++)
        {
            values[i].ShouldBe(values[i].OrderDescending());
            matrix.Norms()[i].ShouldBe(Math.Sqrt(values[i].Sum(x => x * x)), 1e-12);
            matrix.Norms()[i].ShouldBe(matrix.Product()[i].norm().ToDouble(), 1e-12);
        }
    }

    [Fact]
    public void Indexing_AndPart_AreThoseOfTheProduct()
    {
        using var scope = NewDisposeScope();
        using var matrix = Random(6, 3, 5);
        using var second = matrix[1];
        second.Shape.ShouldBe([6, 5]);
        Same(second.Product(), matrix.Product()[1], 1e-12);
        using var last = matrix[^1];
        Same(last.Product(), second.Product(), 1e-12);
        using var part = matrix.Part(2..4, new[] { 0, 4 });
        Same(part.Product(), matrix.Product()[.., 2..4].index_select(-1, tensor(new long[] { 0, 4 })), 1e-12);
        using var row = second.Part(rows: 3);
        row.Shape.ShouldBe([1, 5]);
        var x = randn(5, 2, dtype: ScalarType.Float64);
        Same(second.Times(x), second.Product().matmul(x), 1e-12);
        Should.Throw<ArgumentException>(() => second[0]).Message.ShouldContain("0 leading axes");
        Should.Throw<ArgumentOutOfRangeException>(() => matrix[2]).Message.ShouldContain("No place 2");
        Should.Throw<ArgumentOutOfRangeException>(() => matrix.Part(columns: 5)).Message.ShouldContain("column 5");
    }

    [Fact]
    public void Eigenvalues_OfASquareProduct_HaveItsTraces()
    {
        using var scope = NewDisposeScope();
        using var matrix = Random(6, 3, 6);
        var eigenvalues = matrix.Eigenvalues();
        for (var i = 0; i < 2; i++)
        {
            var product = matrix.Product()[i];
            eigenvalues[i].Length.ShouldBe(3);
            eigenvalues[i].Sum(l => l.Real).ShouldBe(product.trace().ToDouble(), 1e-10);
            eigenvalues[i].Sum(l => (l * l).Real).ShouldBe(product.matmul(product).trace().ToDouble(), 1e-10);
        }
        using var oblong = Random(6, 3, 5);
        Should.Throw<InvalidOperationException>(() => oblong.Eigenvalues()).Message.ShouldContain("square");
    }

    [Fact]
    public void Products_ThroughTheFactors_EqualThoseOfTheProducts()
    {
        using var scope = NewDisposeScope();
        using var left = Random(6, 3, 5);
        using var right = Random(5, 2, 8);
        Same(left.Times(right).Product(), left.Product().matmul(right.Product()), 1e-12);
        Same(right.Transposed().Times(left.Transposed()).Product(), left.Times(right).Product().transpose(-2, -1), 1e-12);
        var x = randn([2, 4, 6], dtype: ScalarType.Float64);
        Same(left.LeftTimes(x), x.matmul(left.Product()), 1e-12);
        Should.Throw<ArgumentException>(() => right.Times(left)).Message.ShouldContain("rows");
        Should.Throw<ArgumentException>(() => new FactoredMatrix(zeros(3, 4), zeros(5, 2))).Message.ShouldContain("do not fit");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Circuits_OfHeads_AreProductsOfTheirWeights(bool grouped)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(grouped ? TinyModel.Llama : TinyModel.Gpt2);
        for (var head = 0; head < 4; head++)
        {
            var kv = grouped ? head / 2 : head;
            var (q, k, v, o) = (model.WQ(1)[head], model.WK(1)[kv], model.WV(1)[kv], model.WO(1)[head]);
            using var ov = model.OV(1);
            using var qk = model.QK(1);
            using var fullOv = model.FullOV(1);
            using var fullQk = model.FullQK(1);
            Same(ov.Product()[head], v.matmul(o), 1e-12);
            Same(qk.Product()[head], q.matmul(k.t()), 1e-12);
            Same(fullOv.Product()[head], model.WE.matmul(v).matmul(o).matmul(model.WU), 1e-12);
            Same(fullQk.Product()[head], model.WE.matmul(q).matmul(k.t()).matmul(model.WE.t()), 1e-12);
        }
        model.CopyingScores(full: true).Values.ToArray().ShouldAllBe(v => v >= -1 && v <= 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CompositionScores_OfAllPairs_AreTheirDefinition(bool grouped)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(grouped ? TinyModel.Llama : TinyModel.Gpt2);
        foreach (var kind in Enum.GetValues<Composition>())
        {
            var scores = model.CompositionScores(kind);
            using var source = model.OV(0);
            using var reader = kind == Composition.Value ? model.OV(2) : kind == Composition.Query ? model.QK(2) : model.QK(2).Transposed();
            for (var from = 0; from < 4; from++)
                for (var to = 0; to < 4; to++)
                {
                    var (a, b) = (source.Product()[from], reader.Product()[to]);
                    scores[0, from, 2, to].ShouldBe((a.matmul(b).norm() / (a.norm() * b.norm())).ToDouble(), 1e-12);
                    scores[2, from, 0, to].ShouldBe(0);
                }
        }
    }

    [Fact]
    public void WeightReadings_Done_LeaveNoTensor()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        using var scope = NewDisposeScope();
        model.CompositionScores(Composition.Query);
        model.CopyingScores();
        using (var ov = model.OV(0))
        {
            ov.SingularValues();
            ov.Norms();
            using (ov.Times(ov)) { }
        }
        scope.DisposablesCount.ShouldBe(0);
    }

    private static FactoredMatrix Random(int row, int inner, int column) =>
        new(randn([2, row, inner], dtype: ScalarType.Float64), randn([2, inner, column], dtype: ScalarType.Float64));

    private static void Same(Tensor ours, Tensor wanted, double tolerance)
    {
        ours.shape.ShouldBe(wanted.shape);
        (ours - wanted).abs().max().ToDouble().ShouldBeLessThan(tolerance * Math.Max(1, wanted.abs().max().ToDouble()));
    }
}
