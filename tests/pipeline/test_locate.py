"""Where the matter is. ``?`` must be asked (several units), ``-`` no place is told, ``lain`` is outside the region."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.locate import Locator
from pipeline.messages import Aligned, Entity, Place
from pipeline.normalise import clean

LOCATOR = Locator()


def place(text: str, prefix: str | None = None) -> Place:
    return LOCATOR.locate(Aligned(text), prefix)[0]


def entities(text: Aligned) -> tuple[Entity, ...]:
    return LOCATOR.locate(text, None)[1]


def verdict(found: Place) -> str:
    if found.reason == "place_resolved":
        return found.unit or "no unit"
    return {"place_ambiguous": "?", "place_missing": "-", "place_outside": "lain"}[found.reason]


KABUPATEN = [
    ("mati lampu di Semarang sejak subuh", "?", "kota or kabupaten: two units"),
    ("smg tengah padam", "semarang", "a part that only the city has"),
    ("listrik Kendal padam total min", "semarang", ""),
    ("Demak padam, ada info?", "demak", ""),
    ("wilayah Grobogan gelap semua", "demak", ""),
    ("Salatiga mati lampu", "salatiga", ""),
    ("di Kab. Semarang sering mati", "salatiga", "the regency is served by Salatiga"),
    ("kab semarang oglangan terus", "salatiga", ""),
    ("solo mati lampu min", "surakarta", ""),
    ("Surakarta peteng dhedhet", "surakarta", ""),
    ("omahku neng Sragen, listrike mati", "surakarta", ""),
    ("sukoharjo padam dari jam 9", "sukoharjo", ""),
    ("Wonogiri kota mati", "sukoharjo", ""),
    ("klaten mati lampu", "klaten", ""),
    ("wilayah boyolali gelap", "klaten", ""),
    ("jogja padam lagi", "yogyakarta", ""),
    ("Yogyakarta gelap", "yogyakarta", ""),
    ("griya kula Bantul mboten wonten setrum", "yogyakarta", ""),
    ("gunung kidul mati listrik", "yogyakarta", "two words for one"),
    ("Kulonprogo oglangan", "yogyakarta", ""),
    ("sleman byar pet", "yogyakarta", ""),
    ("Magelang mati lampu", "magelang", "city and regency share the unit"),
    ("temanggung padam", "magelang", ""),
    ("purworejo sering kedip", "magelang", ""),
    ("purwokerto mati maning", "purwokerto", ""),
    ("nyong nang Banyumas, setrum mati", "purwokerto", ""),
    ("Purbalingga lor peteng", "purwokerto", ""),
    ("Banjarnegara kulon durung murub", "purwokerto", ""),
    ("wonosobo adem, listrik mati pula", "purwokerto", ""),
    ("cilacap padam", "cilacap", ""),
    ("Kebumen mati lampu pak", "cilacap", ""),
    ("neng Tegal mati kabeh", "tegal", "city and regency share the unit"),
    ("brebes laka setrume", "tegal", ""),
    ("Pemalang gelap", "tegal", ""),
    ("pekalongan padam jam piro murupe", "pekalongan", ""),
    ("di Batang mati lampu", "pekalongan", "a word, but with a cue"),
    ("kudus mati lampu", "kudus", ""),
    ("jepara padam", "kudus", ""),
    ("rumah saya di Pati padam", "kudus", "a word, but with a cue"),
    ("rembang gelap gulita", "kudus", ""),
    ("Blora mati lampu", "kudus", ""),
    ("di DIY ada promo tambah daya?", "yogyakarta", "one unit serves the province"),
]

BELOW = [
    ("tiang miring di Kutoarjo", "magelang", ""),
    ("Kartasura mati lampu", "surakarta", "by government Sukoharjo, by PLN Surakarta"),
    ("colomadu padam", "surakarta", "by government Karanganyar"),
    ("rumah di Jaten, Karanganyar padam", "surakarta", ""),
    ("palur mati lampu min", "surakarta", ""),
    ("Tawangmangu Karanganyar mati", "sukoharjo", ""),
    ("solo baru padam", "sukoharjo", "Grogol"),
    ("ungaran mati lampu", "salatiga", "Kab. Semarang"),
    ("di Ambarawa kab semarang", "salatiga", ""),
    ("Bawen, Semarang, listrik pabrik turun", "salatiga", "a kecamatan tells the regency"),
    ("kos saya di Tembalang Semarang mati", "semarang", "a kecamatan tells the city"),
    ("Weleri padam", "semarang", ""),
    ("desa Bener, Tengaran", "salatiga", "village and kecamatan agree"),
    ("bobotsari, purbalingga mati", "purwokerto", ""),
    ("Desa Karangpucung Cilacap", "cilacap", ""),
    ("nang Gombong setrume mati", "cilacap", ""),
    ("kroya mati lampu", "cilacap", ""),
    ("Sruweng peteng", "cilacap", ""),
    ("slawi mati lampu", "tegal", ""),
    ("Bumiayu gelap", "tegal", "villages of the name are not meant"),
    ("Jatibarang Brebes padam", "tegal", ""),
    ("pemalang kec. comal", "tegal", ""),
    ("kajen kab pekalongan", "pekalongan", ""),
    ("Gringsing, Batang", "pekalongan", ""),
    ("Kedungwuni padam", "pekalongan", ""),
    ("cepu blora", "kudus", ""),
    ("Lasem padam lur", "kudus", ""),
    ("karimunjawa byar pet", "kudus", ""),
    ("Juwana peteng", "kudus", ""),
    ("delanggu klaten", "klaten", ""),
    ("Ampel, Boyolali", "klaten", ""),
    ("Muntilan mati lampu", "magelang", ""),
    ("Parakan Temanggung padam", "magelang", ""),
    ("nang Borobudur mati", "magelang", ""),
    ("Wangon peteng", "purwokerto", ""),
    ("Kec. Rembang Kab. Purbalingga mati lampu", "purwokerto", "not the regency Rembang"),
    ("Kec. Sukoharjo, Wonosobo padam", "purwokerto", "not the regency Sukoharjo"),
    ("godean padam", "yogyakarta", ""),
    ("griya ing Wates, Kulon Progo", "yogyakarta", ""),
    ("Sedayu Bantul", "yogyakarta", ""),
    ("Desa Getas, Wonosalam, Demak", "demak", ""),
    ("Kel. Sumurboto Banyumanik", "semarang", ""),
    ("Ds Bulusari Kec. Sayung", "demak", "a common village name decided by its kecamatan"),
    ("Kedungjati Grobogan tiang miring", "demak", ""),
]

TRAPS = [
    ("Karanganyar mati lampu", "?", "a regency over two units and four kecamatan"),
    ("Kab. Karanganyar padam", "?", "split over two units"),
    ("karanganyar kebumen mati", "cilacap", ""),
    ("Karanganyar, Demak", "demak", ""),
    ("Karanganyar Purbalingga", "purwokerto", ""),
    ("Karanganyar Kab. Pekalongan", "pekalongan", ""),
    ("Kec. Karanganyar Kab. Karanganyar", "sukoharjo", ""),
    ("Purwodadi mati lampu", "?", "Grobogan or Purworejo"),
    ("purwodadi grobogan mati", "demak", ""),
    ("Purwodadi Purworejo padam", "magelang", ""),
    ("ULP Purwodadi kok lambat", "demak", "a unit named outright"),
    ("Wonosari mati", "?", "Gunungkidul or Klaten"),
    ("wonosari klaten mati", "klaten", ""),
    ("wonosari gunungkidul", "yogyakarta", ""),
    ("Prambanan padam", "?", "Sleman or Klaten, two provinces"),
    ("prambanan sleman", "yogyakarta", ""),
    ("Prambanan sisih Klaten peteng", "klaten", "a word between"),
    ("Kaliwungu mati lampu", "?", "Kendal, Kudus, Kab. Semarang"),
    ("Kaliwungu Kudus", "kudus", ""),
    ("kaliwungu kendal", "semarang", ""),
    ("Mijen gelap", "?", "Semarang or Demak"),
    ("mijen demak", "demak", ""),
    ("Ngawen padam", "?", "Blora, Klaten, Gunungkidul"),
    ("Ngawen Klaten", "klaten", ""),
    ("Kepil Wonosobo mati", "?", "repaired by two units"),
    ("Wadaslintang padam", "?", "repaired by two units"),
    ("Gondangrejo padam", "?", "between two units"),
    ("Mlati mati lampu", "?", "Sleman or Kudus"),
    ("Mlati Sleman", "yogyakarta", ""),
    ("Mlati Norowito kudus padam", "kudus", ""),
    ("Desa Karangmalang, Kec. Gebog", "kudus", ""),
    ("Sukorejo padam", "?", ""),
    ("sukorejo kendal padam", "semarang", ""),
    ("Depok mati lampu", "?", "Sleman or outside"),
    ("Depok Sleman", "yogyakarta", ""),
    ("Jatibarang Indramayu mati", "lain", ""),
    ("dusun Klaten mati", "-", "a hamlet's name is no evidence"),
    ("soloraya padam serentak", "?", "a region of several units"),
    ("Semarang Demak padam", "?", "two kabupaten side by side"),
    ("Mojosongo mati", "?", "Boyolali or Surakarta"),
    ("mojosongo solo mati", "surakarta", ""),
    ("mojosongo boyolali mati", "klaten", ""),
]

ROLES = [
    ("saya orang Solo tapi rumah di Bantul, token gagal", "yogyakarta", "where the house is, not the origin"),
    ("kerja di Semarang, rumah di Pati listrik mati", "kudus", ""),
    ("saya kerja di Semarang, listrik rumah mati", "?", "work is no proof of the house"),
    ("di Kendal kok padam terus kayak di Surabaya", "semarang", "a comparison"),
    ("koyo neng Jakarta wae larange", "-", "a comparison alone"),
    ("pindahan saking Klaten, sakniki griya kula Sleman", "yogyakarta", "past residence"),
    ("dulu saya tinggal di Klaten", "-", "past residence alone"),
    ("kantor PLN Salatiga nggak respon, rumah saya Ungaran", "salatiga", ""),
    ("rumah di Purworejo tapi kantor PLN Kebumen yang datang", "magelang", "the place before the office"),
    ("mudik dari Jakarta, rumah di Wonogiri ternyata listrik dicabut", "sukoharjo", ""),
    ("dari Jakarta mudik, omah neng Sragen kok meterane mati", "surakarta", ""),
    ("anak saya di Jakarta, saya di Cilongok listrik mati", "purwokerto", "relatives outside"),
    ("saya dari Klaten mau lapor mati lampu", "klaten", "the caller says where from"),
    ("wong Blora kok dianggep sepele, listrik mati terus", "kudus", ""),
    ("bukan Kebumen tapi Purworejo yang mati", "magelang", "denied"),
    ("sinten ingkang tugas ing Jepara? griya kula peteng", "?", "duty, not the house"),
    ("ing Sragen listrik mati, ing Boyolali inggih mati", "?", "two places on a par"),
    ("PLN Rayon Palur tolong cek", "surakarta", "a unit named outright"),
    ("mohon UP3 Grobogan menindaklanjuti", "demak", "an alias of UP3 Demak"),
    ("loket Wates ramah banget", "yogyakarta", ""),
    ("@pln_solo mati lampu", "surakarta", "a unit's account"),
    ("Jl. Solo km 8 mati lampu", "-", "a street"),
    ("jalan Magelang gelap, saya di Mlati Sleman", "yogyakarta", "a street, then a place"),
    ("warung soto Kudus saya di Ngaliyan mati lampu", "semarang", "a dish"),
    ("bakul bakso Malang, listrik mati", "-", "a dish"),
    ("mebel Jepara saya rusak kena korslet, Delanggu", "klaten", "goods"),
    ("pindah ke Sleman, mau balik nama", "yogyakarta", "the new residence"),
    ("tolong kirim petugas ke Wedarijaksa", "kudus", "a call for help"),
    ("tolong dicek. Bobotsari", "purwokerto", "a place as its own sentence"),
    ("[NAMA], [ALAMAT], Tengaran", "salatiga", "after a placeholder"),
    ("Alamat: Desa : LARANGAN, KEC. : PENGADEGAN", "purwokerto", "a form"),
    ("PLN UID Jateng & DIY mohon perhatian", "-", "the utility's own name"),
    ("warga Jateng dan DIY resah", "-", "both provinces: nothing told"),
    ("ombudsman DIY sudah saya surati", "yogyakarta", "one unit serves DIY"),
    ("Jawa Tengah mati lampu", "?", "a province of twelve units"),
]

WORDS = [
    ("listrik mati total pas hujan, batang pohon nibani kabel", "-", "trunk"),
    ("ada batang kayu di kabel", "-", "trunk"),
    ("sing ngarep omah ora pati padhang", "-", "Javanese: not very"),
    ("lampu mati di tengah malam", "-", ""),
    ("pengen solo karir wae nek listrike mati terus", "-", "going solo"),
    ("kabel nglewer neng tegal mburi omah", "-", "field"),
    ("wates pembayaran tanggal pira?", "-", "limit"),
    ("roh kudus lindungi kami", "-", ""),
    ("token ora mlebu, tulung pak", "-", "please"),
    ("wedi kesetrum", "-", "afraid"),
    ("daya 900 kok mahal", "-", ""),
    ("meteran rusak", "-", ""),
    ("salam sehat, terima kasih", "-", "greeting"),
    ("Salam, hormat kami", "-", "greeting"),
    ("ayah saya sakit", "-", "father"),
    ("bandung bondowoso saja bisa bikin seribu candi", "-", "legend"),
    ("kota kami gelap", "-", ""),
    ("lampu taman mati", "-", "garden lamp"),
    ("nasib malang pelanggan kecil", "-", "misfortune"),
    ("jati diri bangsa ini gelap", "-", ""),
    ("rego lombok lan tarif podho larange", "-", "chilli"),
    ("listrik bali maning", "-", "came back"),
    ("smg cepat nyala ya", "-", "semoga, not Semarang"),
    ("pelanggan setia nih, setengah hari mati", "-", "no spelling repair of ordinary words"),
    ("sekarang mati lagi", "-", "no repair to Semarang"),
    ("brebes mili bayar tagihane", "-", "weeping"),
    ("kalau bener ada diskon, tulis saja", "-", ""),
    ("kabel klewer-klewer ning ngarep omah", "-", "hanging loose"),
    ("mati maneh, ayo turu", "-", ""),
    ("tiang miring ke kanan", "-", ""),
]

SPELLING = [
    ("Wonosbo mati", "purwokerto", ""),
    ("Purwokertp padam", "purwokerto", ""),
    ("Temangung mati lampu", "magelang", ""),
    ("purbalinga peteng", "purwokerto", ""),
    ("dikudus padam", "kudus", "glued preposition"),
    ("mbantul peteng", "yogyakarta", "Javanese nasal"),
    ("Slemane peteng", "yogyakarta", "Javanese ending"),
    ("Kartosuro mati", "surakarta", "Javanese o"),
    ("kuto arjo padam", "magelang", "split in two"),
    ("Djogja padam", "yogyakarta", "old spelling"),
    ("ngayogyakarta peteng", "yogyakarta", ""),
    ("gunkid mati lampu", "yogyakarta", ""),
    ("omah neng pwt mati", "purwokerto", ""),
    ("tembalang smg mati lampu", "semarang", ""),
    ("SOLOOO MATI LAMPU", "surakarta", "elongated capitals"),
    ("pekalogan mati lampu", "pekalongan", ""),
    ("Boyolalii gelap", "klaten", ""),
    ("banjarnegoro peteng", "?", "Javanese o, but a village of Mertoyudan is written so"),
]

OUTSIDE = [
    ("mati lampu di Surabaya", "lain", ""),
    ("Jakarta Selatan padam", "lain", ""),
    ("rumah saya di Bandung", "lain", ""),
    ("Ngawi mati lampu", "lain", ""),
    ("Pacitan padam", "lain", ""),
    ("kota Malang padam", "lain", ""),
    ("saya di kota Bogor kok padam", "lain", ""),
    ("Cirebon padam dari pagi", "lain", ""),
    ("kec. Lowokwaru Malang", "lain", "a kecamatan elsewhere with its city"),
    ("listrik di Bekasi mati", "lain", ""),
    ("Kutorejo Mojokerto", "lain", "a name near Kutoarjo that exists"),
    ("Madiun padam", "lain", ""),
    ("di Cikarang mati lampu", "lain", ""),
]

SPOTS = [
    ("malioboro gelap", "yogyakarta", ""),
    ("kos dekat UGM mati", "yogyakarta", ""),
    ("kampus undip tembalang padam", "semarang", ""),
    ("simpang lima semarang gelap", "semarang", ""),
    ("dieng padam", "purwokerto", "two kabupaten, one unit"),
    ("terminal Tirtonadi gelap", "surakarta", ""),
    ("parangtritis mati lampu", "yogyakarta", ""),
    ("jakal km 9 gelap", "yogyakarta", ""),
    ("kampus unsoed gelap", "purwokerto", ""),
    ("Kopeng adem lan peteng", "salatiga", ""),
    ("candi prambanan padam", "?", "the border runs through it"),
]

MORE_TRAPS = [
    ("kantor saya di Solo, tapi yang padam rumah di Wonogiri", "?", "two places on a par: nothing says which counts"),
    ("nang Rembang Purbalingga setrume mati", "purwokerto", "a kecamatan of Purbalingga, not the regency"),
    ("Desa Karangjati, Susukan, mati lampu", "purwokerto", "of the two Susukan one has this village"),
    ("Desa Sidorejo, Bandungan.", "?", "a village unknown there, and Bandungan is a village elsewhere, too"),
    ("Kelurahan Bendan, Banyumanik, gelap", "semarang", "an unknown village does not outweigh its kecamatan"),
    ("no 0412/LM/XI/2025/SMG belum dijawab", "-", "a file number"),
    ("Bobotsari, Purbalingga mati, di Kudus juga mati", "?", "an address of two names is one testimony"),
    ("lihat https://t.co/a1x5YK mati lampu", "-", "a link"),
    ("nomor desa lama, mohon diubah", "-", "a kecamatan elsewhere in Indonesia needs more than a word"),
]

WRITERS = [
    ("Selamat siang, rumah kami di Perum Permata Puri, Ngaliyan, sudah 5 jam padam, mohon dicek", "semarang", ""),
    ("min lampu daerah banyumanik kedap kedip terus dari semalem", "semarang", ""),
    ("Assalamualaikum, kulo saking desa Tlogopandogan Gajah Demak, listrik mboten murub", "demak", ""),
    ("pak nuwun sewu, ting Gubug Grobogan listrike pejah wiwit subuh", "demak", ""),
    ("Toroh padam woy, gelap gulita", "demak", ""),
    ("admin, suruh kab semarang kok sering mati, padahal salatiga nyala", "salatiga", ""),
    ("Getasan anginnya kenceng kabel putus", "salatiga", ""),
    ("di bandungan ada pohon nyandar kabel", "salatiga", ""),
    ("Lapor, tiang roboh di Jl Slamet Riyadi Kartasura depan pasar", "surakarta", ""),
    ("Masaran sragen mati lampu jam piro murube min", "surakarta", ""),
    ("Gemolong peteng ket mau bengi", "surakarta", ""),
    ("listrik di Nguter naik turun", "sukoharjo", ""),
    ("Baki Sukoharjo trafo meledak", "sukoharjo", ""),
    ("Trucuk Klaten, kabel nglewer cedhak sekolahan", "klaten", ""),
    ("nggih pak, Simo Boyolali mriki pejah sedaya", "klaten", ""),
    ("selo boyolali kabute kandel, listrike mati", "klaten", ""),
    ("Kos di Seturan token error terus", "yogyakarta", ""),
    ("warga Panggang Gunungkidul minta tambah jaringan", "yogyakarta", ""),
    ("Samigaluh mati lampu mas, udan deres", "yogyakarta", ""),
    ("saya di Piyungan, tiang depan rumah nyetrum", "yogyakarta", ""),
    ("Kretek Bantul njeglek terus", "yogyakarta", ""),
    ("Secang magelang gelap", "magelang", ""),
    ("mas admin, ngadirejo temanggung padam", "magelang", ""),
    ("rumah mertua di Bruno Purworejo ga ada listrik", "magelang", ""),
    ("pituruh oglangan maneh", "magelang", ""),
    ("kiye Ajibarang mati maning, jan ora mutu", "purwokerto", ""),
    ("Nyong wong Bukateja, listrike byar pet bae", "purwokerto", ""),
    ("Batur Banjarnegara adem, setrum mati", "purwokerto", ""),
    ("Kejajar wonosobo tiang rubuh kena longsor", "purwokerto", ""),
    ("sumpiuh kec sumpiuh banyumas padam", "purwokerto", ""),
    ("sidareja laka listrik", "cilacap", ""),
    ("Adipala padam dari maghrib pak", "cilacap", ""),
    ("Ayah Kebumen, warung saya gelap gara2 kabel putus", "cilacap", ""),
    ("nyong nang Karanggayam, kapan uripe", "cilacap", ""),
    ("Kersana Brebes padam priben kiye", "tegal", ""),
    ("Dukuhturi tegal kabel kobong", "tegal", ""),
    ("Randudongkal mati lampu", "tegal", ""),
    ("mas, margasari kab tegal, token ora mlebu", "tegal", ""),
    ("moga pemalang adem mati pula listrike", "tegal", ""),
    ("Wiradesa pekalongan rob kabel kelelep", "pekalongan", ""),
    ("Bandar Batang padam total", "pekalongan", ""),
    ("kajen pemadaman bergilir po piye?", "?", ""),
    ("Dawe Kudus byar pet", "kudus", ""),
    ("Mlonggo Jepara mati lampu pas hajatan", "kudus", ""),
    ("kulo saking Tayu Pati, meteran periksa", "kudus", ""),
    ("Randublatung gelap", "kudus", ""),
    ("Sluke rembang padam", "kudus", ""),
    ("min, kemarin saya ke Purwokerto servis, rumahku di Kroya mati listrik", "cilacap", ""),
    ("Beda sama Jakarta, di Kudus telat bayar sehari langsung diputus", "kudus", ""),
    ("katanya di Banten dapat diskon, kok sini tidak?", "-", ""),
    ("listrik di rumah saya di Sidoarjo padam", "lain", ""),
    ("Saya pelanggan Tangerang, token tidak masuk", "lain", ""),
    ("lampu padam di Ponorogo", "lain", ""),
    ("Saya asli Purworejo, sekarang ngontrak di Tembalang, token ngaco", "semarang", ""),
    ("Padam di Banjarsari, mohon info", "?", ""),
    ("Desa Sukorejo Kecamatan Musuk", "klaten", ""),
    ("Kecamatan Bulu Temanggung pohon tumbang", "magelang", ""),
    ("tolong PLN ULP Ambarawa, tiang listrik sudah doyong", "salatiga", ""),
    ("petugas ULP Bangsri sopan sekali", "kudus", ""),
    ("dekat alun alun Purbalingga kabel semrawut", "purwokerto", ""),
    ("gunung wungkal pati mati lampu", "kudus", ""),
    ("wonogri mati listrik min", "sukoharjo", ""),
    ("Jeporo peteng", "kudus", ""),
    ("kapan lampunya nyala min, anak saya belajar", "-", ""),
    ("saya beli token di indomaret, belum masuk", "-", ""),
    ("Kalinyamatan jepara tegangan turun mesin konveksi mati", "kudus", ""),
    ("sewa rumah di Condongcatur minta balik nama", "yogyakarta", ""),
    ("Ungaran barat, mati lampu sejak jam 2", "salatiga", ""),
    (
        "Yth. Bapak Manajer, kami warga RT 03 RW 05 Desa Kedungpoh, Kapanewon Nglipar, tiang condong belum ditangani.",
        "yogyakarta",
        "",
    ),
    (
        "Halo PLN, saya kuliah di Jogja tapi rumah orang tua di Cawas Klaten listriknya diputus padahal sudah bayar",
        "klaten",
        "",
    ),
    ("min tolong dong, dari tadi siang kampung sy Jekulo mati terus, tetangga desa Hadipolo jg", "kudus", ""),
    ("Sugeng dalu, kula Pak Karto saking Ngombol. Mboten wonten setrum wiwit bakda magrib", "magelang", ""),
    ("aku ki urip neng Sokaraja, bayare kok larang men timbang neng Purbalingga", "purwokerto", ""),
    ("kwh saya periksa, alamat Kelurahan Kraton Kecamatan Tegal Barat", "tegal", ""),
    ("kabel putus di ruas Pati - Juwana, bahaya", "kudus", ""),
    ("Lokasi: dukuh Krajan, ds. Tlogoadi, kec. Mlati, sleman", "yogyakarta", ""),
    ("woi pln, boyolali kota mati, pengging mati, banyudono mati", "klaten", ""),
    ("Pagi, saya pemilik warung di Alun-alun Wonosobo, sering drop tegangannya", "purwokerto", ""),
    ("udah lapor 123 katanya petugas dari ULP Comal mau dateng, gak muncul2", "tegal", ""),
    ("Listrik di Kec Warungasem sdh 2 hari naik turun", "pekalongan", ""),
    ("tiang listrik deket stasiun Gombong kemiringan ekstrim", "cilacap", ""),
    ("saya lahir di Solo, besar di Jakarta, sekarang menetap di Salatiga dan listrik sering padam", "salatiga", ""),
    ("bapake nyong nang Bulakamba gering nganggo oksigen, listrike mati", "tegal", ""),
    ("Kenapa di Sleman boleh cicil tapi di sini tidak?", "?", ""),
    ("Kok enak ya di Jakarta ga pernah mati, nang Cilacap ben dina mati", "cilacap", ""),
    ("Ds. Sidomulyo Kec. Limpung", "pekalongan", ""),
    ("Griya kula wonten ing Sidoharjo Wonogiri, meteran rusak", "sukoharjo", ""),
    ("sidoharjo sragen meteran rusak", "surakarta", ""),
    ("Sidoharjo meteran rusak", "?", ""),
    ("lampu jalan ring road utara Jogja mati semua", "yogyakarta", ""),
    ("pln kendal tolong perhatikan boja, udah 3 jam", "semarang", ""),
    ("Di Singorojo jaringan sering kena pohon", "semarang", ""),
    ("mranggen demak padem maneh", "demak", ""),
    ("Karangawen peteng bos", "demak", ""),
    ("Penawangan Grobogan trafo mbledos", "demak", ""),
    ("saya di Wirosari, kwh meter berasap!", "demak", ""),
    ("Sekaran gunungpati mati, mahasiswa skripsi nangis", "semarang", ""),
    ("nang Bantarkawung sinyal karo listrik bareng mati", "tegal", ""),
    ("Teknisi dari Klaten datang ke rumah saya di Prambanan Sleman, minta uang", "yogyakarta", ""),
    ("Prambanan klaten, ada percikan api di tiang", "klaten", ""),
    ("Rumah kosong di Magelang, saya tinggal di Jakarta. Kenapa tagihan naik?", "magelang", ""),
    ("saya di jakarta, mau bayarin listrik ibu di Kutowinangun Kebumen", "cilacap", ""),
    ("Colomadu Karanganyar, petugas catat meter tidak pernah datang", "surakarta", ""),
    ("Karangpandan listrik kedip kedip", "sukoharjo", ""),
    ("jumantono karanganyar padam", "sukoharjo", ""),
    ("PLN Karanganyar gimana sih", "sukoharjo", ""),
    ("Kemusu dekat waduk kedungombo padam", "klaten", ""),
    ("dimohon PLN Cepu segera turun, tiang di Jiken nyaris roboh", "kudus", ""),
    ("Nek neng Bandung wis ono diskon, neng Rembang kok durung", "kudus", ""),
    ("kabel fiber semrawut di Jalan Pahlawan Rembang", "kudus", ""),
    ("Ombudsman Jateng sudah menerima laporan saya soal ULP Slawi", "tegal", ""),
    ("tgl 3 saya lapor, tp blm ada jawaban. pkl 10 petugas dtg", "-", ""),
    ("saya bayar via BCA kok belum masuk pak", "-", ""),
    ("padang mbulan kok lampune mati", "-", ""),
    ("pak RT sudah tanda tangan, tinggal SLO", "-", ""),
    ("bocah sekolah sinau nganggo senter, mesakke", "-", ""),
    ("AC batu es, rumah 2200, gaji tetap", "-", ""),
    ("tolong petugas yang sopan, jangan bentak-bentak orang tua", "-", ""),
    ("di dukuh Sawit sini padam", "-", ""),
    ("Saya tinggal di Denpasar Bali, listrik mati", "lain", ""),
    ("Magetan kota gelap gulita", "lain", ""),
    ("kirim petugas ke Kecamatan Tambun Selatan Bekasi", "lain", ""),
    ("warga Brebes perbatasan Cirebon, listrik ikut mana?", "?", ""),
    ("Losari Cirebon mati lampu", "lain", ""),
    ("mati lampu di losari brebes", "tegal", ""),
    ("nggunungkidul peteng, ponjong karo semanu", "yogyakarta", ""),
    ("pabrik kami di Kawasan Industri Wijayakusuma Semarang turun tegangan", "semarang", ""),
    ("ruko di Pekalongan, KTP Batang, mau balik nama", "pekalongan", ""),
    ("Kota Magelang: kios Pasar Rejowinangun mati lampu", "magelang", ""),
    ("mbak, kula tiyang Bobotsari nanging griya ingkang pejah wonten Bantul", "yogyakarta", ""),
    ("Perumahan Solo Residence di Ngemplak Boyolali padam", "klaten", ""),
    ("Surabaya-Solo tol gelap, saya di Masaran Sragen", "surakarta", ""),
    ("TERAS BOYOLALI MATI LAMPU DARI JAM 5 SORE WOY", "klaten", ""),
    ("Kec. Sawit, Boyolali, tiang keropos", "klaten", ""),
    ("Musuk boyolali yo mati po?", "klaten", ""),
    ("rumah simbah di Butuh Purworejo belum pasang meteran", "magelang", ""),
    ("Bener, Purworejo: kabel putus nutupi dalan", "magelang", ""),
    ("Tulis Batang padam", "pekalongan", ""),
    ("Kec Tulis padam, mohon dibantu", "pekalongan", ""),
    ("Subah batang listrike mati mas", "pekalongan", ""),
    ("Hi PLN, my villa in Ubud has no electricity", "lain", ""),
    ("Dear PLN, the transformer near our school in Ngaglik, Sleman is humming loudly", "yogyakarta", ""),
    ("power outage in Semarang Barat since 7pm, when will it be back?", "semarang", ""),
    ("#matilampu #Wonosobo mojotengah peteng ndedet", "purwokerto", ""),
    ("@pln_123 Purwokerto Selatan gelap!", "purwokerto", ""),
    ("mohon info pemeliharaan hari ini daerah Pedan & Cawas", "klaten", ""),
    ("Tanjung Brebes jam 7 malem mati, Losari juga", "tegal", ""),
    ("Sale Rembang longsor, tiang tumbang", "kudus", ""),
    ("listrik di Sumber Rembang naik turun", "kudus", ""),
    ("Jati Kudus padam", "kudus", ""),
    ("rumah saya Jati Kulon, Kudus, meter bunyi terus", "kudus", ""),
    ("Gabus Pati gelap", "kudus", ""),
    ("gabus grobogan gelap", "demak", ""),
    ("Kec Gajah, Demak banjir, gardu terendam", "demak", ""),
    ("tambak saya di Tugu Semarang butuh 3 phase", "semarang", ""),
    ("Kandangan temanggung mati, wis ping telu sesasi", "magelang", ""),
    ("Kembang Jepara mati lampu, ikan di kulkas busuk", "kudus", ""),
    ("Kedung Jepara rob", "kudus", ""),
    ("Keling jepara hujan angin kabel putus", "kudus", ""),
    ("Bae Kudus mati", "kudus", ""),
    ("kulo tiyang Bayat, griyo wonten Bayat Klaten, token mboten mlebet", "klaten", ""),
    ("Sedan rembang mati", "kudus", ""),
    ("Pancur, Rembang, lampu jalan mati", "kudus", ""),
    ("di desa Dieng Kulon batur mati lampu", "purwokerto", ""),
    ("warga Pejawaran menunggu perbaikan sejak kemarin", "purwokerto", ""),
    ("saya pelanggan ULP Kudus Kota mau tanya tagihan", "kudus", ""),
    ("manager ULP Salatiga Kota tolong turun tangan", "salatiga", ""),
    ("dari ULP Yogyakarta Kota belum ada jawaban", "yogyakarta", ""),
    ("UP3 Pekalongan tolong cek ULP Batang", "pekalongan", ""),
    ("Saya pindahan dari Bekasi, beli rumah second di Gunungpati, mau balik nama", "semarang", ""),
    ("Kalau di kampung suami di Lampung sering mati, di Salatiga kok ikut-ikutan", "salatiga", ""),
    ("Bapak saya di Kutoarjo, saya di Jakarta. Listrik bapak diputus", "magelang", ""),
    ("habis dari Semarang pulang ke Blora rumah gelap", "kudus", ""),
    ("mati lampu sak Pati Kidul", "kudus", ""),
    ("Pati mati lampu pati tenan", "kudus", ""),
    ("aku ora pati ngerti carane bayar", "-", ""),
    ("sing penting murub, ora kudu padhang", "-", ""),
    ("Tagihan naik padahal ora nganggo AC", "-", ""),
    ("Tiang listrik di tengah sawah roboh", "-", ""),
    ("lampune kedip-kedip koyo disko", "-", ""),
    ("mohon petugas datang ke rumah, kwh mati, terima kasih. Salam", "-", ""),
    ("saya sudah ke kantor, disuruh tunggu sampai siang", "-", ""),
    ("meteran di teras rusak kena hujan", "-", ""),
    ("gajah mada 12 belum nyala", "-", ""),
    ("kembang api meledak kena kabel", "-", ""),
    ("sumber api dari kabel", "-", ""),
    ("pagi bu, kelurahan kami belum ada lampu jalan", "-", ""),
    ("Daerah Wonokromo Surabaya padam", "lain", ""),
    ("Lapor, Kec Kedungwaru Tulungagung padam", "lain", ""),
    ("Saya di Palembang, mau bayar listrik rumah di Temanggung", "magelang", ""),
    ("Kota Pekalongan, Jl. Hayam Wuruk, lampu merah mati", "pekalongan", ""),
    ("KIT Batang tegangan turun produksi berhenti", "pekalongan", ""),
    ("Kranggan Temanggung mati", "magelang", ""),
    ("Limbangan Kendal mati lampu", "semarang", ""),
    ("limbangan losari brebes mati", "tegal", ""),
    ("Patean, Kendal, hujan es listrik mati", "semarang", ""),
    ("Ngaringan Grobogan gelap", "demak", ""),
]

EVERY = [*KABUPATEN, *BELOW, *TRAPS, *ROLES, *WORDS, *SPELLING, *OUTSIDE, *SPOTS, *MORE_TRAPS, *WRITERS]


@pytest.mark.parametrize(("text", "expected", "reason"), EVERY, ids=[row[0] for row in EVERY])
def test_the_unit_of_the_place_is_found_or_asked(text: str, expected: str, reason: str) -> None:
    assert verdict(place(text)) == expected, reason


@pytest.mark.parametrize(
    ("text", "name", "level", "kabupaten", "province"),
    [
        ("tiang miring di kutoarjo", "Kutoarjo", "kecamatan", "Kab. Purworejo", "jateng"),
        ("jogja padam", "Yogyakarta", "kabupaten", None, "diy"),
        ("Desa Getas, Wonosalam, Demak", "Getas", "desa", "Kab. Demak", "jateng"),
        ("malioboro gelap", "Malioboro", "kecamatan", "Kota Yogyakarta", "diy"),
        ("tegal padam kabeh", "Tegal", "kabupaten", None, "jateng"),
        ("kota tegal padam kabeh", "Tegal", "kabupaten", "Kota Tegal", "jateng"),
        ("Kepil Wonosobo mati", "Kepil", "kecamatan", "Kab. Wonosobo", "jateng"),
        ("Kab. Karanganyar padam", "Karanganyar", "kabupaten", "Kab. Karanganyar", "jateng"),
        ("mati lampu di Surabaya", "Surabaya", "kabupaten", "Kota Surabaya", "lain"),
        ("prambanan padam", "Prambanan", None, None, None),
        ("mohon UP3 Demak menindaklanjuti", "UP3 Demak", None, None, "jateng"),
    ],
)
def test_a_place_is_told_as_exactly_as_it_is_known(
    text: str, name: str, level: str | None, kabupaten: str | None, province: str | None
) -> None:
    found = place(text)
    assert (found.name, found.level, found.kabupaten, found.province) == (name, level, kabupaten, province)


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("Kab. Karanganyar padam", {"sukoharjo", "surakarta"}),
        ("Kepil, Wonosobo", {"purwokerto", "magelang"}),
        ("purwodadi mati", {"demak", "magelang"}),
        ("prambanan padam", {"klaten", "yogyakarta"}),
        ("saya kerja di Semarang, listrik rumah mati", {"semarang"}),
    ],
)
def test_an_open_place_lists_the_units_that_remain(text: str, candidates: set[str]) -> None:
    found = place(text)
    assert found.unit is None
    assert candidates <= set(found.candidates)


def test_only_a_place_outside_is_outside() -> None:
    assert place("Ngawi mati lampu").outside
    assert not place("Depok mati lampu").outside  # in Sleman, too


@pytest.mark.parametrize(
    ("prefix", "hint"),
    [("52551", "demak"), ("52205", "purwokerto"), ("51123", None), (None, None)],
)
def test_a_customer_number_hints_at_a_unit_and_proves_none(prefix: str | None, hint: str | None) -> None:
    unknown, told = place("listrik mati", prefix), place("Kudus mati lampu", prefix)
    assert (unknown.unit, unknown.reason, unknown.hint) == (None, "place_missing", hint)
    assert (told.unit, told.hint) == ("kudus", hint)


def test_spans_are_those_of_the_received_text() -> None:
    received = "listrik&nbsp;mati di\u200b Kuto\u00adarjo, Purworejo"
    found = entities(clean(received))
    assert [received[e.start : e.end] for e in found] == ["Kuto\u00adarjo", "Purworejo"]
    assert [(e.type, e.value, e.personal) for e in found] == [("place", n, False) for n in ("Kutoarjo", "Purworejo")]


def test_a_comparison_is_no_place_of_the_message() -> None:
    assert [e.value for e in entities(Aligned("di Kendal padam kayak di Surabaya"))] == ["Kendal"]


def test_a_placeholder_is_no_name() -> None:
    assert entities(Aligned("[NAMA] [ALAMAT] [IDPEL:52551] mati")) == ()


WORD = st.sampled_from(
    ("di", "neng", "Semarang", "Karanganyar", "kab", "kec.", "desa", "Jati", "batang", ",", ".", "!", "[ALAMAT]", "RT")
) | st.sampled_from(("02/05", "dari", "kayak", "UP3", "ulp", "solo", "baru", "Depok", "Kudus,", "bukan", "jl."))


@given(st.lists(WORD, max_size=30).map(" ".join) | st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_has_one_consistent_answer(text: str) -> None:
    found, named = LOCATOR.locate(Aligned(text), None)
    assert found == place(text)
    assert (found.unit is not None) == (found.reason == "place_resolved")
    assert not (found.unit and found.candidates)
    assert found.outside == (found.reason == "place_outside") == (found.province == "lain")
    assert len(set(found.candidates)) == len(found.candidates)
    assert all(0 <= e.start < e.end <= len(text) for e in named)


@pytest.mark.parametrize(
    "text",
    ["1" * 1_000_000, " " * 1_000_000, "a" * 1_000_000, "[" * 1_000_000, "http://" + "x" * 1_000_000, "kec. " * 20_000],
    ids=["digits", "blanks", "letters", "brackets", "link", "cues"],
)
def test_a_hostile_text_without_a_place_is_answered(text: str) -> None:
    assert place(text).reason == "place_missing"


def test_more_names_than_an_address_holds_are_answered() -> None:
    assert place(" di ".join(["Kudus", "Klaten", "Ngawi", "Kebumen"] * 2_000)).reason == "place_ambiguous"
    assert place(", ".join(LOCATOR.gazetteer.names.values())[:20_000]).unit is None
